import CairnCore
import Testing

struct ContentDigestTests {
    /// SHA-256 of the type's length in four bytes, the type and the content, made with Python.
    static let vectors: [(type: String, content: String, digest: String)] = [
        ("", "", "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119"),
        ("abc", "", "3da9865b43fa2ec490f78da9db16acd5638704dbce5cc7b3df2e3c7a23addf19"),
        (
            "PARSE_OK", #"{"a":1}"#,
            "f90ccb60da8f122c30501dc6b49c2b83d33ab55211becdd2bb800d8c0d66489b"
        ),
    ]

    @Test(arguments: vectors)
    func `known content has the digest that other tools give`(
        type: String,
        content: String,
        digest: String
    ) {
        let bytes = Array(content.utf8)
        #expect(ContentDigest(type: type, content: bytes.span.bytes).hexadecimal == digest)
    }

    /// HMAC-SHA-256 of the use's length in a byte, the use and the content, made with Python.
    static let keyed: [(use: String, content: [UInt8], key: [UInt8], digest: String)] = [
        (
            "name", Array("abc".utf8), Array(0..<32),
            "c2f8899ec66dc8708338095c7a00fd912c10e9440a073087196158f3b0c01085"
        ),
        (
            "", [], [],
            "6620b31f2924b8c01547745f41825d322336f83ebb13d723678789d554d8a3ef"
        ),
        (
            "u", Array(repeating: 0x78, count: 200), Array(repeating: 0x6b, count: 100),
            "ba721f6325b7dca8fab910437ec78318a3b635b614c6980d8686058e63c64942"
        ),
    ]

    @Test(arguments: keyed)
    func `known content has the keyed digest that other tools give`(
        use: String,
        content: [UInt8],
        key: [UInt8],
        digest: String
    ) {
        #expect(ContentDigest(of: content, for: use, key: key).hexadecimal == digest)
    }

    @Test func `the type is part of the content, and where it ends too`() {
        func digest(_ type: String, _ content: String) -> ContentDigest {
            ContentDigest(type: type, content: Array(content.utf8).span.bytes)
        }
        #expect(digest("ab", "c") != digest("a", "bc"))
        #expect(digest("a\0b", "c") != digest("a", "b\0c"))
        #expect(digest("a", "") != digest("b", ""))
        #expect(digest("a", "x") == digest("a", "x"))
    }

    @Test func `a digest reads back from its bytes`() {
        let digest = ContentDigest(type: "t", content: ([1, 2, 3] as [UInt8]).span.bytes)
        #expect(digest.bytes.count == ContentDigest.byteCount)
        #expect(ContentDigest(bytes: digest.bytes.span.bytes) == digest)
        let hexadecimal = digest.bytes.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        #expect(digest.hexadecimal == hexadecimal.joined())
    }

    @Test func `the hash before everything is 32 zero bytes`() {
        #expect(RunningHash.zero.digest.bytes == Array(repeating: 0, count: 32))
    }
}
