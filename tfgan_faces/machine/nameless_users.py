"""Users and groups that have numbers but no names, as in containers."""

import contextlib

try:
    import grp
    import pwd
except ImportError:  # Windows has neither
    grp = pwd = None


@contextlib.contextmanager
def naming_by_number():
    """Makes look-ups of users and groups without a name return the number as the name.

    TFDS looks up the owner's name of each file that it writes, although it does not need it.
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
