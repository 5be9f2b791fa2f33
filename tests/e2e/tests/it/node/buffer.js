import assert from "node:assert";
import { Buffer, constants, isAscii, isUtf8, transcode } from "node:buffer";
import bare from "buffer";

const hex = (value) => value.toString("hex");

const checks = {
  "text becomes bytes in every encoding, and back"() {
    assert.equal(Buffer.from("aGVsbG8", "base64").toString(), "hello");
    assert.equal(Buffer.from("aGVs bG8=\n", "base64").toString("latin1"), "hello");
    assert.equal(Buffer.from("héllo wörld?>").toString("base64url"), "aMOpbGxvIHfDtnJsZD8-");
    assert.equal(Buffer.from("00ff1zz", "hex").length, 2);
    assert.equal(hex(Buffer.from("é\u1234", "latin1")), "e934");
    assert.equal(hex(Buffer.from("aé\ud800", "utf16le")), "6100e90000d8");
    assert.equal(Buffer.from("6100e900", "hex").toString("ucs2"), "aé");
    assert.equal(Buffer.from([0xe9, 0x41]).toString("ascii"), "iA");
    assert.equal(Buffer.from([0x61, 0xff]).toString(), "a\ufffd");
    assert.throws(() => Buffer.from("x", "nope"), { code: "ERR_UNKNOWN_ENCODING", message: "Unknown encoding: nope" });
  },
  "it is a Uint8Array, callable without new"() {
    assert.ok(Buffer.alloc(1) instanceof Uint8Array);
    assert.ok(Buffer.isBuffer(Buffer("a")) && !Buffer.isBuffer(new Uint8Array(1)));
    assert.equal(new Buffer("abc").toString(), "abc");
    assert.equal(Buffer.from("abc").map((byte) => byte + 1).toString(), "bcd");
    assert.equal(bare.Buffer, globalThis.Buffer);
    class Own extends Buffer {}
    assert.ok(Own.from("a") instanceof Buffer);
  },
  "parts share memory, copies do not"() {
    const whole = Buffer.from("hello");
    whole.subarray(1, -1)[0] = 0x58;
    assert.equal(whole.slice(0, 2).toString(), "hX");
    const copy = Buffer.from(whole);
    copy[0] = 0;
    assert.equal(whole[0], 0x68);
    assert.equal(Buffer.concat([Buffer.from("a"), new Uint8Array([98, 99])], 2).toString(), "ab");
  },
  "searching and comparing"() {
    const text = Buffer.from("hello world");
    assert.deepEqual([text.indexOf("o"), text.lastIndexOf("o"), text.indexOf("l", -2), text.indexOf("x")], [4, 7, 9, -1]);
    assert.equal(Buffer.from("abcabc").lastIndexOf("abc", -1), 3);
    assert.equal(Buffer.from("a\0b\0", "latin1").indexOf("b", 0, "utf16le"), 2);
    assert.deepEqual([Buffer.compare(Buffer.from("a"), Buffer.from("b")), Buffer.from("abc").compare(Buffer.from("xabc"), 1)], [-1, 0]);
    assert.ok(Buffer.from("a").equals(new Uint8Array([97])));
  },
  "filling and writing"() {
    assert.equal(Buffer.alloc(7, "abc").toString(), "abcabca");
    assert.equal(hex(Buffer.alloc(5).fill("é")), "c3a9c3a9c3");
    const buffer = Buffer.alloc(6);
    assert.equal(buffer.write("héé", 1), 5);
    assert.equal(buffer.write("éé", 3, 3), 2);
  },
  "numbers"() {
    const buffer = Buffer.alloc(32);
    buffer.writeInt32LE(-5, 0);
    buffer.writeUInt16BE(65535, 4);
    buffer.writeDoubleLE(1.5, 6);
    buffer.writeBigInt64BE(-3n, 14);
    buffer.writeFloatBE(0.1, 22);
    buffer.writeIntLE(-123456, 26, 6);
    assert.equal(hex(buffer), "fbffffffffff000000000000f83ffffffffffffffffd3dcccccdc01dfeffffff");
    assert.deepEqual([buffer.readInt32LE(0), buffer.readUint16BE(4), buffer.readDoubleLE(6), buffer.readBigInt64BE(14), buffer.readIntLE(26, 6)], [-5, 65535, 1.5, -3n, -123456]);
    assert.throws(() => Buffer.alloc(5).readInt32LE(3), { code: "ERR_OUT_OF_RANGE", message: 'The value of "offset" is out of range. It must be >= 0 and <= 1. Received 3' });
    assert.throws(() => Buffer.alloc(2).readInt32LE(0), { code: "ERR_BUFFER_OUT_OF_BOUNDS" });
    assert.throws(() => Buffer.alloc(5).writeInt8(200), RangeError);
  },
  "wrong arguments are refused with Node's codes"() {
    assert.throws(() => Buffer.from(5), { code: "ERR_INVALID_ARG_TYPE" });
    assert.throws(() => Buffer.alloc(-1), { code: "ERR_OUT_OF_RANGE" });
    assert.throws(() => Buffer.alloc(2 ** 33), RangeError);
  },
  "the rest of the module"() {
    assert.equal(JSON.stringify(Buffer.from("ab")), '{"type":"Buffer","data":[97,98]}');
    assert.ok(isAscii(Buffer.from("a")) && !isUtf8(new Uint8Array([0xff])));
    assert.equal(hex(transcode(Buffer.from("€"), "utf8", "latin1")), "3f");
    assert.equal(Buffer.byteLength("é"), 2);
    assert.ok(constants.MAX_LENGTH > 1e9);
  },
};
