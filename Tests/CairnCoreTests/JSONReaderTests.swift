import CairnCore
import CairnTesting
import Testing

struct JSONReaderTests {
    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)),
        ("\"\"", .string("")), ("-0.50e+07", .number("-0.50e+07")), ("[]", .array([])),
        ("{}", .object([])), ("[1,\t2\r\n]", .array([.number("1"), .number("2")])),
        (#"{"a":{"b":[null]}}"#, .object([.init("a", .object([.init("b", .array([.null]))]))])),
        (#""\"\\\/\b\f\n\r\t\u0041""#, .string("\"\\/\u{8}\u{C}\n\r\tA")),
        (#""\ud83d\ude00 \uFFFF""#, .string("\u{1F600} \u{FFFF}")),
        ("\"\u{E9}\u{20AC}\u{1F600}\"", .string("\u{E9}\u{20AC}\u{1F600}")),
    ])
    func `a well-formed text is read`(text: String, expected: JSONValue) throws {
        #expect(try JSONValue.parse(Array(text.utf8)) == expected)
    }

    @Test(arguments: [
        ("", JSONError.Reason.unexpectedEnd, 0), ("  ", .unexpectedEnd, 2),
        ("[1", .unexpectedEnd, 2), ("tru", .unexpectedEnd, 3), ("\"a", .unexpectedEnd, 2),
        ("\"\\", .unexpectedEnd, 2), ("{\"a\"", .unexpectedEnd, 4),
        ("nil", .unexpectedByte(0x6E), 0), ("[1,]", .unexpectedByte(0x5D), 3),
        ("[,1]", .unexpectedByte(0x2C), 1), ("{,}", .unexpectedByte(0x2C), 1),
        ("{\"a\":1,}", .unexpectedByte(0x7D), 7), ("{a:1}", .unexpectedByte(0x61), 1),
        ("{\"a\" 1}", .unexpectedByte(0x31), 5), ("[1 2]", .unexpectedByte(0x32), 3),
        ("+1", .unexpectedByte(0x2B), 0), (".5", .unexpectedByte(0x2E), 0),
        ("-", .unexpectedEnd, 1), ("01", .badNumber, 0), ("1.", .badNumber, 0),
        ("1e", .badNumber, 0), ("1e+", .badNumber, 0), ("1e1234567890", .exponentTooLarge, 0),
        ("1 2", .trailingBytes, 2), ("{}}", .trailingBytes, 2), ("\"a\nb\"", .unescapedControl, 2),
        (#""\x""#, .badEscape, 1), (#""\u00g0""#, .badEscape, 1), (#""\u12"#, .badEscape, 1),
        (#""\ud800""#, .loneSurrogate, 1), (#""\udc00""#, .loneSurrogate, 1),
        (#""\ud800A""#, .loneSurrogate, 1), ("\u{FEFF}1", .unexpectedByte(0xEF), 0),
    ])
    func `a broken text is refused where it breaks`(
        text: String,
        reason: JSONError.Reason,
        offset: Int
    ) {
        let bytes = Array(text.utf8)
        #expect(throws: JSONError(reason, at: offset)) { try JSONValue.parse(bytes) }
        #expect(throws: JSONError(reason, at: offset)) {
            try JSONScanner.validate(bytes.span.bytes)
        }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
            [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused`(bytes: [UInt8]) {
        let text = [0x22] + bytes + [0x22]
        #expect(throws: JSONError(.illFormedUTF8, at: 1)) { try JSONValue.parse(text) }
        #expect(throws: JSONError(.illFormedUTF8, at: 1)) { try JSONValue.parse([0x22] + bytes) }
    }

    @Test func `nesting is read to its bound and refused beyond it`() throws {
        let max = JSONScanner.depthMax
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: 0x5B, count: depth) + Array(repeating: 0x5D, count: depth)
        }
        _ = try JSONValue.parse(nested(max))
        #expect(throws: JSONError(.tooDeep, at: max)) { try JSONValue.parse(nested(max + 1)) }
        #expect(throws: JSONError(.tooDeep, at: max)) {
            try JSONValue.parse(Array(repeating: 0x5B, count: 5_000_000))
        }
    }

    @Test func `of equal keys the last counts`() throws {
        let value = try JSONValue.parse(Array(#"{"a":1,"b":2,"a":3}"#.utf8))
        #expect(value["a"] == .number("3"))
        #expect(String(decoding: value.canonicalBytes, as: UTF8.self) == #"{"a":3,"b":2}"#)
    }

    @Test func `the values of the outermost keys are found with their bytes`() throws {
        let text = Array(#" { "id" : 7 , "meta\u0064ata":{ "a" : [1.50, "}"] } } "#.utf8)
        let fields = try JSONScanner.topLevelRanges(in: text.span.bytes)
        #expect(fields.map(\.key) == ["id", "metadata"])
        #expect(
            fields.map { String(decoding: text[$0.range], as: UTF8.self) } == [
                "7", #"{ "a" : [1.50, "}"] }"#,
            ]
        )
        #expect(throws: JSONError(.notAnObject, at: 0)) {
            try JSONScanner.topLevelRanges(in: ([0x5B, 0x5D] as [UInt8]).span.bytes)
        }
    }

    @Test func `reader and scanner take the same of random bytes and never trap`() {
        let alphabet = Array(#"{}[]",:\u0dD8eE+-.19trufalsn /"#.utf8) + [0x0A, 0xC3, 0xA9, 0xED]
        var generator = SeededGenerator(seed: 7)
        for round in 0..<100_000 {
            let bytes = (0..<generator.below(24)).map { _ in
                alphabet[generator.below(alphabet.count)]
            }
            var read: JSONError?
            var scanned: JSONError?
            do { _ = try JSONValue.parse(bytes) } catch { read = error }
            do { try JSONScanner.validate(bytes.span.bytes) } catch { scanned = error }
            #expect(read == scanned, "seed 7, round \(round): \(bytes)")
        }
    }
}
