"""NMEA sentences as receivers write them."""

from functools import reduce


def sentence(body: str) -> bytes:
    """With its dollar, its checksum and its line end."""
    checksum = reduce(lambda before, byte: before ^ byte, body.encode(), 0)
    return f"${body}*{checksum:02X}\r\n".encode()


def rmc(time: str, date: str = "140526", course: str = "087.5", knots: str = "016.2", status: str = "A") -> bytes:
    return sentence(f"GNRMC,{time},{status},3039.60120,N,10403.96600,E,{knots},{course},{date},,,A")


def gga(time: str, quality: int = 1, hdop: str = "0.9") -> bytes:
    return sentence(f"GNGGA,{time},3039.60120,N,10403.96600,E,{quality},09,{hdop},500.1,M,-40.0,M,,")
