"""Generates invalid photos and malicious archives, each with its expected treatment."""

import io
import os
import struct
import tarfile
import zipfile
import zlib

import numpy as np
from PIL import Image, ImageCms

GOOD = None  # the photo is read; otherwise, a pattern of the reason why it is skipped


def encode(image, kind="PNG", **options):
    """Returns the bytes of an image file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(mode="RGB", size=(48, 40)):
    """Returns an image of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(noise).convert(mode)


def chunk(kind, content):
    """Returns the bytes of a PNG chunk."""
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, bits=8, colour=2, data=b"", extra=b""):
    """Returns a PNG file with the given parts, whether valid or not."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    parts = [
        chunk(b"IHDR", header),
        extra,
        chunk(b"IDAT", zlib.compress(data)),
        chunk(b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def claimed_jpeg(width, height):
    """Returns a JPEG file whose header has a wrong size."""
    content = bytearray(encode(picture(), "JPEG"))
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def exif(orientation):
    """Returns EXIF data with an orientation."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def formats():
    """Returns damaged and mislabelled files."""
    jpeg, whole = encode(picture(), "JPEG"), encode(picture())
    return {
        "empty.jpg": (b"", "is not a photo"),
        "empty.png": (b"", "is not a photo"),
        "empty.gif": (b"", "is not a photo"),
        "start.jpg": (b"\xff\xd8\xff", "is not a photo"),
        "half.jpg": (jpeg[: len(jpeg) // 2], "truncated"),
        "head.jpg": (jpeg[:200], ""),
        "zeros.jpg": (bytes(5000), "is not a photo"),
        "noise.jpg": (np.random.default_rng(1).bytes(5000), "is not a photo"),
        "text.jpg": (b"I am a letter. " * 99, "is not a photo"),
        "page.jpg": (b"<!doctype html><title>404</title>", "is not a photo"),
        "drawing.png": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is not a photo"),
        "paper.jpg": (b"%PDF-1.7\n", "is not a photo"),
        "archive.jpg": (b"PK\x03\x04" + bytes(99), "is not a photo"),
        "scan.jpg": (encode(picture(), "TIFF"), GOOD),
        "icon.png": (encode(picture(size=(16, 16)), "ICO"), GOOD),
        "png.jpg": (whole, GOOD),
        "jpeg.png": (jpeg, GOOD),
        "gif.jpg": (encode(picture("P"), "GIF"), GOOD),
        "webp.bmp": (encode(picture(), "WEBP"), GOOD),
        "bmp.webp": (encode(picture(), "BMP"), GOOD),
        "camera.jfif": (jpeg, GOOD),
        "without an ending": (jpeg, GOOD),
        "scan.tif": (encode(picture("CMYK"), "TIFF"), GOOD),
        "phone.avif": (encode(picture(), "AVIF"), GOOD),
        "plain.ppm": (encode(picture(), "PPM"), GOOD),
        "layers.jp2": (encode(picture(), "JPEG2000"), GOOD),
        "depths.tiff": (encode(picture("F"), "TIFF"), "contains floating-point numbers"),
        "phone.heic": (b"\0\0\0\x18ftypheic" + bytes(40), "is a damaged HEIC"),
        "notes.txt": (b"mine", "is not a photo"),
        "Thumbs.db": (jpeg, "is hidden"),
        ".hidden.jpg": (jpeg, "is hidden"),
        "half.png": (whole[: len(whole) // 2], ""),
        "half.webp": (encode(picture(), "WEBP")[:200], ""),
        "half.bmp": (encode(picture(), "BMP")[:500], "truncated"),
        "half.gif": (encode(picture("P"), "GIF")[:900], ""),
        "no_frame.gif": (b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + b";", ""),
        "no_data.png": (png(8, 8), ""),
        "no_size.png": (png(0, 0), ""),
        "wrong_sum.png": (whole[:29] + b"\0\0\0\0" + whole[33:], ""),
        "wrong_data.png": (whole.replace(b"IDAT", b"IDOT"), ""),
    }


def sizes():
    """Returns very small, very long, and very large images."""
    zeros = zlib.compress(bytes(1 << 28))
    text = chunk(b"zTXt", b"Comment\0\0" + zeros)
    bitmap = bytearray(encode(picture(), "BMP"))
    bitmap[18:26] = struct.pack("<ii", 30000, 30000)
    gif = bytearray(encode(picture("P"), "GIF"))
    gif[6:10] = struct.pack("<HH", 65535, 65535)
    return {
        "one_pixel.png": (encode(picture(size=(1, 1))), GOOD),
        "one_pixel.jpg": (encode(picture(size=(1, 1)), "JPEG"), GOOD),
        "row.png": (encode(picture(size=(30000, 1))), GOOD),
        "column.png": (encode(picture(size=(1, 30000))), GOOD),
        "bomb.png": (png(40000, 40000, 1, 0, bytes(100)), "decompression bomb"),
        "bomb.jpg": (claimed_jpeg(65000, 65000), "decompression bomb"),
        "bomb.bmp": (bytes(bitmap), "decompression bomb"),
        "bomb.gif": (bytes(gif), "decompression bomb"),
        "bomb_in_text.png": (png(8, 8, data=bytes(8 * 25), extra=text), "too large"),
    }


def modes():
    """Returns images with various colour modes, animations and metadata."""
    rgb16 = b"".join(b"\0" + bytes(8 * 6) for _ in range(8))
    frames = [picture("P"), picture("P").rotate(90)]
    moving = {"save_all": True, "append_images": frames[1:]}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    palette = picture("P")
    palette.info["transparency"] = bytes(range(256))
    turned = {
        f"orientation_{value}.jpg": (encode(picture(), "JPEG", exif=exif(value)), GOOD)
        for value in range(10)
    }
    return {
        "cmyk.jpg": (encode(picture("CMYK"), "JPEG"), GOOD),
        "grey.jpg": (encode(picture("L"), "JPEG"), GOOD),
        "progressive.jpg": (encode(picture(), "JPEG", progressive=True), GOOD),
        "grey16.png": (encode(Image.fromarray(np.full((9, 9), 40000, np.uint16))), GOOD),
        "rgb16.png": (png(8, 8, 16, 2, rgb16), GOOD),
        "bits.png": (encode(picture("1")), GOOD),
        "grey_alpha.png": (encode(picture("LA")), GOOD),
        "alpha.png": (encode(picture("RGBA")), GOOD),
        "palette.png": (encode(picture("P")), GOOD),
        "palette_alpha.png": (encode(palette, transparency=bytes(range(256))), GOOD),
        "moving.gif": (encode(frames[0], "GIF", **moving), GOOD),
        "moving.webp": (encode(picture(), "WEBP", save_all=True, append_images=[picture()]), GOOD),
        "moving.png": (encode(picture(), save_all=True, append_images=[picture()]), GOOD),
        "broken_exif.jpg": (encode(picture(), "JPEG", exif=b"Exif\0\0nonsense" * 9), GOOD),
        "cut_exif.jpg": (encode(picture(), "JPEG", exif=exif(6).tobytes()[:-9]), GOOD),
        "profile.jpg": (encode(picture(), "JPEG", icc_profile=profile), GOOD),
        "broken_profile.jpg": (encode(picture(), "JPEG", icc_profile=b"nonsense" * 99), GOOD),
        **turned,
    }


def names():
    """Returns photos whose file names break careless programs."""
    good = encode(picture())
    odd = [
        b"with some spaces.png",
        b"two\nlines.png",
        b"tab\there.png",
        b"not utf-8 \xff\xfe.png",
        "\u202eright to left.png".encode(),
        "שלום.png".encode(),
        "😀.png".encode(),
        b"-rf.png",
        b"$(touch pwned) `touch pwned`.png",
        b"'\"<b>&.png",
        b"%s%n.png",
        b"x" * 251 + b".png",
        b"LOUD.PNG",
        b"a.png.png",
    ]
    return {os.fsdecode(name): (good, GOOD) for name in odd}


FOLDER = {**formats(), **sizes(), **modes(), **names()}


def write_tar(path):
    """Writes a malicious archive; returns the expected treatment of each file in it."""
    good = encode(picture())
    outside, link = "points outside", "is a link or device"
    files = {
        "good/1.png": GOOD,
        "../up.png": outside,
        "good/../../up.png": outside,
        "/tmp/absolute.png": outside,
        "good\\..\\..\\windows.png": outside,
        "C:/windows.png": outside,
    }
    kinds = {
        "symbolic.png": tarfile.SYMTYPE,
        "hard.png": tarfile.LNKTYPE,
        "device.png": tarfile.CHRTYPE,
        "pipe.png": tarfile.FIFOTYPE,
    }
    with tarfile.open(path, "w:gz") as archive:
        for name in files:
            member = tarfile.TarInfo(name)
            member.size = len(good)
            archive.addfile(member, io.BytesIO(good))
        for name, kind in kinds.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        archive.addfile(tarfile.TarInfo("nested.tar"), io.BytesIO())
        for name in ("__MACOSX/._1.png", "__MACOSX/good/._1.png"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    others = {"nested.tar": "is not a photo", "__MACOSX/": "is hidden"}
    return {**files, **dict.fromkeys(kinds, link), **others}


def write_zip(path, max_bytes):
    """Writes a malicious archive; returns the expected treatment of each file in it."""
    good = encode(picture())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good/1.png", good)
        archive.writestr("../up.png", good)
        archive.writestr("/absolute.png", good)
        archive.writestr("nested.zip", good)
        archive.writestr("secret.png", good)
        archive.writestr("Ann\\1.png", good)
        with archive.open("bomb.png", "w", force_zip64=True) as bomb:
            for _ in range(max_bytes >> 20):
                bomb.write(bytes(1 << 20))
            bomb.write(b"!")
    _encrypt(path, b"secret.png")
    return {
        "good/1.png": GOOD,
        "../up.png": "points outside",
        "/absolute.png": "points outside",
        "secret.png": "encrypted",
        "bomb.png": "is larger than",
        "nested.zip": GOOD,
        "Ann/1.png": GOOD,
    }


def _encrypt(path, name):
    """Marks a member as encrypted in its header and in the archive's directory."""
    with open(path, "rb") as file:
        content = bytearray(file.read())
    for signature, flags, start in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        position = content.find(signature)
        while content[position + start : position + start + len(name)] != name:
            position = content.find(signature, position + 1)
        content[position + flags] |= 1
    with open(path, "wb") as file:
        file.write(content)
