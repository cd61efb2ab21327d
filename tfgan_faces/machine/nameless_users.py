"""Users and groups that are numbers without names, as containers have them."""

import contextlib

try:
    import grp
    import pwd
except ImportError:  # Windows has neither
    grp = pwd = None


@contextlib.contextmanager
def naming_by_number():
    """Lets who asks for the name of a user or group without one have the number instead.

    TFDS asks the system for the owner's name of each file that it writes, and has no use for it.
    """
    if pwd is None:
        yield
        return
    users, groups = pwd.getpwuid, grp.getgrgid

    def user(number):
        try:
            return users(number)
        except KeyError:
            return pwd.struct_passwd((str(number), "x", number, number, "", "/", ""))

    def group(number):
        try:
            return groups(number)
        except KeyError:
            return grp.struct_group((str(number), "x", number, []))

    pwd.getpwuid, grp.getgrgid = user, group
    try:
        yield
    finally:
        pwd.getpwuid, grp.getgrgid = users, groups
