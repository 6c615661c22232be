"""Bodies whose every byte depends on its place: a lost, doubled or displaced piece changes the checksum."""

import zlib

# 65,521 is prime, so no power-of-two buffer size divides the pattern and hides a displaced buffer.
_PERIOD = bytes((i * 7 + i // 256) % 251 for i in range(65_521))
BLOCK = _PERIOD * 4


def blocks(size):
    """The body of that size, in pieces."""
    while size > 0:
        yield BLOCK[:size] if size < len(BLOCK) else BLOCK
        size -= len(BLOCK)


def checksum(size):
    crc = 0
    for block in blocks(size):
        crc = zlib.crc32(block, crc)
    return crc
