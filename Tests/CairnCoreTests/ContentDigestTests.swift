import CairnCore
import Testing

struct ContentDigestTests {
    /// SHA-256 of the type, a zero byte and the content, made with `sha256sum`.
    static let vectors: [(type: String, content: String, digest: String)] = [
        ("", "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        ("abc", "", "dc1114cd074914bd872cc1f9a23ec910ea2203bc79779ab2e17da25782a624fc"),
        (
            "PARSE_OK", #"{"a":1}"#,
            "62c394b184419d193aeada531b51d29abe34c97e8598a60a0b0d5edb66c3a70f"
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

    @Test func `the type is part of the content, and where it ends too`() {
        func digest(_ type: String, _ content: String) -> ContentDigest {
            ContentDigest(type: type, content: Array(content.utf8).span.bytes)
        }
        #expect(digest("ab", "c") != digest("a", "bc"))
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
