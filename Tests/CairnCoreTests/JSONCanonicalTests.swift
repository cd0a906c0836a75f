import CairnCore
import CairnTesting
import Testing

struct JSONCanonicalTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0.000", "0"), ("0e99", "0"), ("1", "1"), ("1.0", "1"),
        ("1e0", "1"), ("10e-1", "1"), ("0.1e1", "1"), ("-1.50", "-1.5"), ("120", "120"),
        ("1.2e2", "120"), ("0.00012", "0.00012"), ("12e-8", "1.2e-7"), ("1e-7", "1e-7"),
        ("0.000001", "0.000001"), ("1e20", "100000000000000000000"), ("1e21", "1e+21"),
        ("123456789012345678901234567890", "1.2345678901234567890123456789e+29"),
        ("9007199254740993", "9007199254740993"), ("1E400", "1e+400"),
        ("1e+000000000000007", "10000000"), ("1e-999999999", "1e-999999999"),
        ("0.1234567890123456789012345", "0.1234567890123456789012345"),
    ])
    func `a number has one text`(source: String, canonical: String) throws {
        let number = try #require(JSONNumber(source))
        #expect(number.canonicalText == canonical)
        #expect(JSONNumber(canonical) == number)
    }

    @Test func `numbers are ordered by value`() throws {
        let texts = [
            "-1e30", "-12", "-1.5", "-0.1", "0", "1e-9", "0.1", "0.11", "1.5", "12", "1e30",
        ]
        let numbers = try texts.map { try #require(JSONNumber($0)) }
        for (index, left) in numbers.enumerated() {
            for (other, right) in numbers.enumerated() {
                #expect((left < right) == (index < other), "\(left) < \(right)")
            }
        }
    }

    @Test(
        arguments: [
            ("9223372036854775807", 0, Int64.max), ("-9223372036854775808", 0, .min),
            ("9223372036854775808", 0, nil), ("-9223372036854775809", 0, nil), ("1.5", 0, nil),
            ("1.5", 3, 1_500), ("2e3", 0, 2_000), ("0.1e1", 0, 1), ("1e999999999", 0, nil),
            ("1e-999999999", 0, nil), ("-0", 0, 0),
        ] as [(String, Int, Int64?)]
    )
    func `a number is an integer only exactly`(text: String, power: Int, expected: Int64?) throws {
        let number = try #require(JSONNumber(text))
        #expect(number.integer(scaledByPowerOfTen: power) == expected)
    }

    @Test(arguments: [
        (#"{"b":1.0,"a":[true,null]}"#, #"{"a":[true,null],"b":1}"#),
        (#"{"z":{"y":1,"x":1e0},"":"\u00e9"}"#, "{\"\":\"\u{E9}\",\"z\":{\"x\":1,\"y\":1}}"),
        (#""\u0001\u001f\/\u007f""#, "\"\\u0001\\u001f/\u{7F}\""),
        (" [ 1 , 2 ] ", "[1,2]"),
    ])
    func `a value has one text`(source: String, canonical: String) throws {
        let value = try JSONValue.parse(Array(source.utf8))
        #expect(String(decoding: value.canonicalBytes, as: UTF8.self) == canonical)
        #expect(try JSONValue.parse(value.canonicalBytes) == value)
    }

    @Test func `two spellings of one letter are two texts`() throws {
        #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
        #expect(JSONValue.object([.init("\u{E9}", .null)])["e\u{301}"] == nil)
    }

    @Test func `what is written is read back`() throws {
        var generator = SeededGenerator(seed: 11)
        for round in 0..<2_000 {
            let value = Self.randomValue(depth: 0, &generator)
            var writer = JSONWriter()
            writer.value(value)
            #expect(try JSONValue.parse(writer.bytes) == value, "seed 11, round \(round)")
            let canonical = value.canonicalBytes
            #expect(try JSONValue.parse(canonical).canonicalBytes == canonical)
        }
    }

    private static func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch generator.below(depth < 4 ? 7 : 5) {
        case 0: return .null
        case 1: return .bool(generator.below(2) == 0)
        case 2: return .number("\(generator.below(2_000) - 1_000)e\(generator.below(60) - 30)")
        case 3: return .number("-0.\(generator.below(100_000))")
        case 4: return .string(randomText(&generator))
        case 5:
            return .array(
                (0..<generator.below(4)).map { _ in randomValue(depth: depth + 1, &generator) }
            )
        default:
            return .object(
                (0..<generator.below(4)).map { _ in
                    JSONMember(randomText(&generator), randomValue(depth: depth + 1, &generator))
                }
            )
        }
    }

    private static func randomText(_ generator: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\0", "\u{E9}", "\u{1F600}", "/"]
        var text = String.UnicodeScalarView()
        for _ in 0..<generator.below(6) { text.append(scalars[generator.below(scalars.count)]) }
        return String(text)
    }
}
