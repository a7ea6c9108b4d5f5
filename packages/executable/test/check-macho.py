#!/usr/bin/env python3
"""Checks a thin 64-bit Mach-O executable and its code signature, and prints what it found as JSON.

Written from Apple's published headers alone (mach-o/loader.h, mach-o/nlist.h, mach-o/fixup-chains.h, XNU's
osfmk/kern/cs_blobs.h) and the checks of dyld's source, not from the code under test. Every rule that is broken is
an error on its own line; the exit code is 1 then.

    check-macho.py FILE [--payload SEGMENT SECTION FILE] [--authority CA.pem] [--signature-only]
"""

import argparse
import hashlib
import json
import plistlib
import struct
import subprocess
import sys
import tempfile

problems = []


def check(condition, message):
    if not condition:
        problems.append(message)
    return condition


def text(data):
    return data.split(b"\0")[0].decode()


SEGMENT, SYMTAB, DYSYMTAB, SIGNATURE, BUILD = 0x19, 0x2, 0xB, 0x1D, 0x32
DYLD_INFO = (0x22, 0x80000022)
FIXUPS = 0x80000034
LINKEDIT_DATA = (0x1D, 0x1E, 0x26, 0x29, 0x2B, 0x2E, 0x36, 0x80000033, FIXUPS)
ARCHITECTURES = {0x01000007: ("x86-64", 0x1000), 0x0100000C: ("arm64", 0x4000)}


class Segment:
    def __init__(self, data):
        self.name = text(data[8:24])
        self.address, self.memory, self.offset, self.size = struct.unpack_from("<4Q", data, 24)
        self.maximum, self.initial, count, self.flags = struct.unpack_from("<4I", data, 56)
        check(len(data) == 72 + 80 * count, f"{self.name}: command size does not fit {count} sections")
        self.sections = []
        for index in range(count):
            at = 72 + 80 * index
            name, segment = text(data[at : at + 16]), text(data[at + 16 : at + 32])
            address, size, offset = struct.unpack_from("<QQI", data, at + 32)
            kind = data[at + 64]
            check(segment == self.name, f"section {name} names segment {segment}, is in {self.name}")
            check(self.address <= address <= address + size <= self.address + self.memory, f"section {name} outside memory")
            if kind not in (1, 12, 18) and size:
                inside = self.offset <= offset and offset + size <= self.offset + self.size
                check(inside, f"section {name} outside its segment in the file")
                check(offset - self.offset == address - self.address, f"section {name}: offset and address differ")
            self.sections.append((name, offset, size))


def commands_of(data):
    count, size = struct.unpack_from("<II", data, 16)
    at, end, found = 32, 32 + size, []
    for _ in range(count):
        kind, length = struct.unpack_from("<II", data, at)
        check(length >= 8 and length % 8 == 0 and at + length <= end, f"load command at {at} has size {length}")
        found.append((kind, data[at : at + length]))
        at += length
    check(at == end, "sizeofcmds is not the sum of the commands")
    return found, end


def check_segments(data, segments, commands_end, page):
    """dyld: in order, not overlapping, __LINKEDIT last in file and memory, whole pages."""
    check(segments[-1].name == "__LINKEDIT", "__LINKEDIT is not the last segment")
    position = address = 0
    for segment in segments:
        check(segment.address >= address, f"{segment.name} out of order or overlapping in memory")
        check(segment.address % page == 0, f"{segment.name}: address is no whole page")
        if segment.size:
            check(segment.offset == position, f"{segment.name}: gap or overlap in the file at {position}")
            check(segment.offset % page == 0, f"{segment.name}: offset is no whole page")
            position = segment.offset + segment.size
        if segment.name != "__LINKEDIT":
            check(segment.memory % page == 0, f"{segment.name}: size is no whole page")
        check(segment.memory >= segment.size, f"{segment.name}: larger in the file")
        check(segment.initial & ~segment.maximum == 0, f"{segment.name}: protection above its maximum")
        address = segment.address + segment.memory
    check(position == len(data), f"file has {len(data)} bytes, __LINKEDIT ends at {position}")
    first = min(offset for segment in segments for _, offset, size in segment.sections if offset and size)
    check(commands_end <= first, "load commands run into the first section")


def linkedit_parts(commands):
    parts = []
    for kind, command in commands:
        pairs = []
        if kind in LINKEDIT_DATA:
            pairs = [(8, 12, 1, 8)]
        elif kind in DYLD_INFO:
            pairs = [(at, at + 4, 1, 8) for at in (8, 16, 24, 32, 40)]
        elif kind == SYMTAB:
            pairs = [(8, 12, 16, 8), (16, 20, 1, 1)]
        elif kind == DYSYMTAB:
            pairs = [(32, 36, 8, 8), (40, 44, 56, 8), (48, 52, 4, 4), (56, 60, 4, 4), (64, 68, 8, 8), (72, 76, 8, 8)]
        for at, size_at, entry, alignment in pairs:
            offset, size = struct.unpack_from("<I", command, at)[0], struct.unpack_from("<I", command, size_at)[0] * entry
            if size:
                parts.append((offset, size, alignment, kind))
    return sorted(parts)


def check_linkedit(commands, linkedit):
    end = linkedit.offset
    for offset, size, alignment, kind in linkedit_parts(commands):
        check(offset >= end, f"part {kind:#x} at {offset} overlaps what comes before, or is before __LINKEDIT")
        check(offset % alignment == 0, f"part {kind:#x} at {offset} is not aligned to {alignment}")
        end = offset + size
    check(end == linkedit.offset + linkedit.size, "the last part does not end with __LINKEDIT")


def check_symbols(data, commands):
    symtab = next((c for k, c in commands if k == SYMTAB), None)
    dysymtab = next((c for k, c in commands if k == DYSYMTAB), None)
    if not symtab or not dysymtab:
        return {}
    offset, count, strings, strings_size = struct.unpack_from("<4I", symtab, 8)
    local, locals_, defined, defineds, undefined, undefineds = struct.unpack_from("<6I", dysymtab, 8)
    indirect, indirects = struct.unpack_from("<2I", dysymtab, 56)
    check(local == 0 and defined == locals_ and undefined == defined + defineds, "symbol groups are not in order")
    check(undefined + undefineds == count, "symbol groups are not all symbols")
    table = data[strings : strings + strings_size]
    for index in range(count):
        start, kind = struct.unpack_from("<IB", data, offset + 16 * index)
        if not check(start < strings_size and table.find(b"\0", start) >= 0, f"symbol {index} has no name"):
            break
        if index >= undefined:
            check(kind & 0x0E == 0, f"symbol {index} among the undefined is defined")
        elif index >= defined:
            check(kind & 0x01, f"symbol {index} among the defined is not external")
    for index in range(indirects):
        entry = struct.unpack_from("<I", data, indirect + 4 * index)[0]
        if not entry & 0xC0000000:
            check(entry < count, f"indirect symbol {index} is {entry} of {count}")
    return {"symbols": count, "locals": locals_}


def check_fixups(data, commands, segments):
    """The checks of dyld's ChainedFixups::valid that a new segment may break."""
    command = next((c for k, c in commands if k == FIXUPS), None)
    if not command:
        return
    base, size = struct.unpack_from("<II", command, 8)
    blob = data[base : base + size]
    version, starts, imports, symbols, count, form, compressed = struct.unpack_from("<7I", blob, 0)
    entry = {1: 4, 2: 8, 3: 16}[form]
    check(version == 0 and compressed == 0, "chained fixups: unknown version")
    check(28 <= starts < imports <= size and symbols <= size, "chained fixups: parts outside")
    check(imports + count * entry <= symbols, "chained fixups: imports overlap symbols")
    segment_count = struct.unpack_from("<I", blob, starts)[0]
    check(segment_count == len(segments), f"chained fixups: for {segment_count} segments, there are {len(segments)}")
    image = next(s.address for s in segments if s.offset == 0 and s.size)
    for index in range(segment_count):
        at = struct.unpack_from("<I", blob, starts + 4 + 4 * index)[0]
        if at == 0:
            continue
        length, page, _, segment_offset, _, pages = struct.unpack_from("<IHHQIH", blob, starts + at)
        segment = segments[index]
        check((starts + at) % 8 == 0, "chained fixups: a segment's part is not aligned")
        check(starts + at + length <= imports, "chained fixups: a segment's part runs into the imports")
        check(segment_offset == segment.address - image, f"chained fixups: {segment.name} is elsewhere")
        check(pages * page <= segment.memory + page, f"chained fixups: too many pages in {segment.name}")
    if count:
        names = blob[symbols:]
        for index in range(count):
            if form == 1:
                name = struct.unpack_from("<I", blob, imports + 4 * index)[0] >> 9
            elif form == 2:
                name = struct.unpack_from("<I", blob, imports + 8 * index)[0] >> 9
            else:
                name = struct.unpack_from("<Q", blob, imports + 16 * index)[0] >> 32
            check(name < len(names) and b"\0" in names[name:], f"chained fixups: import {index} has no name")


def der(data, at=0):
    """(tag, contents, end) of one element."""
    tag, length, start = data[at], data[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[at + 2 : start], "big")
    return tag, data[start : start + length], start + length


def der_value(tag, contents):
    if tag == 0x01:
        return contents != b"\0"
    if tag == 0x02:
        return int.from_bytes(contents, "big", signed=True)
    if tag == 0x0C:
        return contents.decode()
    if tag == 0x30:
        return [der_value(t, c) for t, c in der_items(contents)]
    if tag == 0xB0:
        pairs = [der_items(c) for _, c in der_items(contents)]
        keys = [key.decode() for (_, key), _ in pairs]
        check(keys == sorted(keys), "DER entitlements are not sorted")
        return {key.decode(): der_value(*value) for (_, key), value in pairs}
    raise ValueError(f"DER tag {tag:#x}")


def der_items(data):
    at, items = 0, []
    while at < len(data):
        tag, contents, at = der(data, at)
        items.append((tag, contents))
    return items


def check_entitlements(blobs):
    if 5 not in blobs:
        check(7 not in blobs, "entitlements in DER only")
        return None
    check(blobs[5][:4] == bytes.fromhex("fade7171"), "entitlements have a wrong magic")
    entitlements = plistlib.loads(blobs[5][8:])
    if 7 in blobs:
        check(blobs[7][:4] == bytes.fromhex("fade7172"), "DER entitlements have a wrong magic")
        tag, contents, end = der(blobs[7], 8)
        (version_tag, version), value = der_items(contents)
        check(tag == 0x70 and version_tag == 2 and version == b"\1", "DER entitlements have a wrong head")
        check(end == len(blobs[7]), "DER entitlements have something after them")
        check(der_value(*value) == entitlements, "entitlements differ between XML and DER")
    return entitlements


def check_directory(data, directory, blobs, segments, signature_offset):
    fields = struct.unpack_from(">9I4BI", directory, 0)
    _, length, version, flags, hashes, name, specials, codes, limit, size, kind, platform, bits, spare = fields
    check(length == len(directory), "code directory has another size")
    algorithm = {1: "sha1", 2: "sha256"}[kind]
    check(size == hashlib.new(algorithm).digest_size, "hash size does not fit the hash type")
    check(platform == 0 and spare == 0, "spare fields are set")
    check(limit == signature_offset, f"code limit {limit} is not where the signature is, {signature_offset}")
    page = 1 << bits
    check(codes == -(-limit // page), f"{codes} code slots for {limit} bytes")
    check(hashes + codes * size == len(directory), "code directory does not end with its hashes")
    wrong = 0
    for index in range(codes):
        content = data[index * page : min((index + 1) * page, limit)]
        slot = directory[hashes + index * size : hashes + (index + 1) * size]
        if hashlib.new(algorithm, content).digest() != slot:
            wrong += 1
            if wrong <= 3:
                check(False, f"page {index} has another hash")
    check(wrong == 0, f"{wrong} of {codes} pages have another hash")

    info = next((data[o : o + s] for g in segments if g.name == "__TEXT" for n, o, s in g.sections if n == "__info_plist"), None)
    expected = {**{slot: blob for slot, blob in blobs.items() if 0 < slot < 0x1000}, **({1: info} if info else {})}
    for slot in range(1, specials + 1):
        found = directory[hashes - slot * size : hashes - (slot - 1) * size]
        wanted = hashlib.new(algorithm, expected[slot]).digest() if slot in expected else bytes(size)
        check(found == wanted, f"special slot {slot} has another hash")
    # The linkers' signatures have no special slots at all.
    for slot in expected:
        check(slot <= specials, f"nothing vouches for blob {slot}")

    result = {"version": version, "flags": flags, "identifier": text(directory[name:]), "pageSize": page, "pages": codes}
    header_end = 44
    if version >= 0x20100:
        check(struct.unpack_from(">I", directory, 44)[0] == 0, "scatter")
        header_end = 48
    if version >= 0x20200:
        team = struct.unpack_from(">I", directory, 48)[0]
        result["team"] = text(directory[team:]) if team else None
        header_end = 52
    if version >= 0x20300:
        check(struct.unpack_from(">IQ", directory, 52) == (0, 0), "64-bit code limit for a small file")
        header_end = 64
    if version >= 0x20400:
        base, text_size, segment_flags = struct.unpack_from(">3Q", directory, 64)
        main = next(s for s in segments if s.name == "__TEXT")
        check((base, text_size) == (main.offset, main.size), "executable segment is not __TEXT")
        check(segment_flags & 1, "executable segment is not marked as the main binary's")
        header_end = 88
    if version >= 0x20500:
        result["runtime"] = struct.unpack_from(">I", directory, 88)[0]
        header_end = 96
    if flags & 0x10000:
        check(version >= 0x20500, "hardened runtime without its version")
    check(name >= header_end, "the identifier is inside the fields")
    result["cdHash"] = hashlib.new(algorithm, directory).hexdigest()[:40]
    return result


def check_cms(cms, directory, authority):
    """With openssl: the signature over the code directory, then Apple's two attributes."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/cms", "wb") as file:
            file.write(cms)
        with open(f"{folder}/directory", "wb") as file:
            file.write(directory)
        command = ["openssl", "cms", "-verify", "-inform", "DER", "-binary", "-in", f"{folder}/cms", "-content", f"{folder}/directory"]
        command += ["-purpose", "any", "-out", "/dev/null", "-CAfile", authority] if authority else ["-noverify", "-out", "/dev/null"]
        done = subprocess.run(command, capture_output=True, text=True)
        check(done.returncode == 0, f"openssl cms -verify: {done.stderr.strip()}")
    digest = hashlib.sha256(directory).digest()
    plist_at = cms.find(b"<?xml", cms.find(bytes.fromhex("2a864886f763640901")))
    plist = cms[plist_at : cms.find(b"</plist>", plist_at) + 8]
    check(plistlib.loads(plist) == {"cdhashes": [digest[:20]]}, "attribute 9.1 has other hashes")
    at = cms.find(bytes.fromhex("2a864886f763640902"))
    check(at >= 0 and cms.find(digest, at) >= 0, "attribute 9.2 has another hash")


def check_signature(data, commands, segments, authority):
    command = next((c for k, c in commands if k == SIGNATURE), None)
    if not check(command, "no code signature"):
        return None
    offset, size = struct.unpack_from("<II", command, 8)
    check(offset % 16 == 0, "the signature is not aligned to 16")
    check(offset + size == len(data), "the signature does not end the file")
    magic, length, count = struct.unpack_from(">III", data, offset)
    check(magic == 0xFADE0CC0 and length <= size, "no super blob")
    check(not any(data[offset + length : offset + size]), "something comes after the super blob")
    blobs, end = {}, 12 + 8 * count
    for index in range(count):
        slot, start = struct.unpack_from(">II", data, offset + 12 + 8 * index)
        blob_length = struct.unpack_from(">I", data, offset + start + 4)[0]
        check(start >= end, f"blob {slot:#x} overlaps the one before")
        check(start + blob_length <= length, f"blob {slot:#x} is outside")
        check(slot not in blobs, f"blob {slot:#x} twice")
        blobs[slot] = data[offset + start : offset + start + blob_length]
        end = start + blob_length
    check(list(blobs) == sorted(blobs), "blobs are not in the order of their slots")
    check(blobs[0][:4] == bytes.fromhex("fade0c02"), "slot 0 is no code directory")
    if 2 in blobs:
        check(blobs[2][:4] == bytes.fromhex("fade0c01"), "slot 2 is no set of requirements")
    result = check_directory(data, blobs[0], blobs, segments, offset)
    result["entitlements"] = check_entitlements(blobs)
    cms = blobs.get(0x10000, b"")
    if cms:
        check(cms[:4] == bytes.fromhex("fade0b01"), "slot 0x10000 is no CMS blob")
    ad_hoc = bool(result["flags"] & 2)
    check(ad_hoc == (len(cms) <= 8), "ad hoc flag and CMS contradict one another")
    if len(cms) > 8:
        check_cms(cms[8:], blobs[0], authority)
    result["adHoc"] = ad_hoc
    result["blobs"] = list(blobs)
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--payload", nargs=3, metavar=("SEGMENT", "SECTION", "FILE"))
    parser.add_argument("--authority")
    parser.add_argument("--signature-only", action="store_true", help="for files of linkers with a layout of their own")
    options = parser.parse_args()
    with open(options.file, "rb") as file:
        data = file.read()
    magic, cpu, _, kind = struct.unpack_from("<4I", data, 0)
    check(magic == 0xFEEDFACF and kind == 2, "no 64-bit Mach-O executable")
    architecture, page = ARCHITECTURES[cpu]
    commands, commands_end = commands_of(data)
    segments = [Segment(command) for command_kind, command in commands if command_kind == SEGMENT]
    result = {"architecture": architecture, "segments": [segment.name for segment in segments]}
    if options.signature_only:
        problems.clear()
    else:
        check_segments(data, segments, commands_end, page)
        check_linkedit(commands, segments[-1])
        result.update(check_symbols(data, commands))
        check_fixups(data, commands, segments)
    result["signature"] = check_signature(data, commands, segments, options.authority)
    if options.payload:
        segment_name, section_name, path = options.payload
        with open(path, "rb") as file:
            wanted = file.read()
        sections = [s for g in segments if g.name == segment_name for s in g.sections if s[0] == section_name]
        if check(len(sections) == 1, f"{len(sections)} sections {segment_name},{section_name}"):
            _, offset, size = sections[0]
            check(data[offset : offset + size] == wanted, "the payload has other bytes")
    print(json.dumps(result))
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


main()
