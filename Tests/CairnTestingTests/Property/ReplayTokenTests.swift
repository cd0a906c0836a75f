import Testing

@testable import CairnTesting

/// What is written down of a case.
struct ReplayTokenTests {
    private static let choices: [Choice] = [
        .bool(true), .bool(false), .integer(0), .integer(-1), .integer(Int128(Int64.min)),
        .integer(Int128(UInt64.max)), .float(0), .float(-0.0), .float(1.5), .float(-.infinity),
        .float(.nan), .float(.leastNonzeroMagnitude), .float(.greatestFiniteMagnitude),
    ]

    @Test func `a token is read as it was written`() throws {
        #expect(try ReplayToken(ReplayToken(Self.choices).text).choices == Self.choices)
        #expect(try ReplayToken(ReplayToken([]).text).choices == [])
        let settings = PropertySettings(caseCountMax: 500, seed: 1)
        try check("tokens are read as they were written", settings: settings) { draw in
            let choices = try draw(.array(of: .choice), "choices")
            try draw.expect(try ReplayToken(ReplayToken(choices).text).choices, equals: choices)
        }
    }

    @Test func `tokens of this version stay as they are`() throws {
        #expect(ReplayToken([]).text == "AQC-I8JY")
        #expect(ReplayToken([.bool(true), .integer(-7), .float(2.5)]).text == Self.golden)
        #expect(try ReplayToken(Self.golden).choices == [.bool(true), .integer(-7), .float(2.5)])
    }

    private static let golden = "AQMINYqAgICAgIDAgAg4B-gE"

    @Test func `a hostile token is a typed error`() throws {
        let text = ReplayToken(Self.choices).text
        #expect(throws: ReplayTokenError.incomplete) { try ReplayToken("") }
        #expect(throws: ReplayTokenError.notBase64URL) { try ReplayToken("a+b/") }
        #expect(throws: ReplayTokenError.notBase64URL) { try ReplayToken(text + "=") }
        #expect(throws: ReplayTokenError.unknownVersion(2)) {
            try ReplayToken("Ag" + text.dropFirst(2))
        }
        #expect(throws: ReplayTokenError.tooLong) {
            try ReplayToken(String(repeating: "A", count: 5_000_000))
        }
        // Every other letter in every place.
        for place in text.indices {
            var changed = text
            changed.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
            #expect(throws: ReplayTokenError.self) { try ReplayToken(changed) }
            #expect(throws: ReplayTokenError.self) { try ReplayToken(String(text[..<place])) }
        }
    }

    static let malformed: [[UInt8]] = [
        [1, 1], [1, 2, 0], [1, 1, 3], [1, 1, 0x80, 0x00], [1, 1, 16], [1, 0, 0],
        [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        [1, 1] + [UInt8](repeating: 0xFF, count: 9) + [0x7F],
        [1, 1] + [UInt8](repeating: 0x80, count: 20) + [1],
    ]

    @Test(arguments: malformed)
    func `a right checksum does not make a token right`(content: [UInt8]) {
        var checksum = UInt32.max
        for byte in content {
            checksum ^= UInt32(byte)
            for _ in 0..<8 {
                checksum = checksum & 1 == 1 ? checksum >> 1 ^ 0xEDB8_8320 : checksum >> 1
            }
        }
        let end = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: ~checksum >> $0) }
        let text = Base64URL.text(of: content + end)
        #expect(throws: ReplayTokenError.self) { try ReplayToken(text) }
    }

    @Test func `a check with a hostile token says so`() {
        let error = failure(replaying: ["nonsense!"]) { _ in }
        #expect(error?.description == "not repeated: it holds\n  the token is not base64url")
    }

    @Test func `a token of anything runs without a trap`() throws {
        let settings = PropertySettings(caseCountMax: 500, seed: 2)
        try check("any choices fit any draws", settings: settings) { draw in
            let choices = try draw(.array(of: .choice), "choices")
            let token = ReplayToken(choices).text
            try check("it runs", replaying: [token], settings: PropertySettings(caseCountMax: 1)) {
                let list = try $0(.array(of: .int(in: -5...5), count: 0...4))
                let float = try $0(.double(in: 0.25...0.75))
                let wide = try $0(Generator<UInt64>.integer())
                let text = try $0(.text())
                try $0.expect(list.allSatisfy { abs($0) <= 5 })
                try $0.expect(float >= 0.25 && float <= 0.75)
                try $0.expect(wide >= 0 && text.count >= 0)
            }
        }
    }
}

extension Generator where Value == Choice {
    static var choice: Generator {
        one(
            of: Generator<Bool>.bool().map { Choice.bool($0) },
            Generator<Int64>.integer().map { Choice.integer(Int128($0)) },
            Generator<UInt64>.integer().map { Choice.integer(Int128($0)) },
            Generator<Double>.anyDouble.map { Choice.float($0) }
        )
    }
}
