import CairnCore
@testable import CairnDomains
import CairnTesting
import Testing

/// Texts are cut at whole characters, whatever their characters are made of.
struct SystemEventTextTests {
    /// Characters of one to 25 bytes, and of one to seven scalars.
    static let characters = [
        "a", "\u{E9}", "e\u{301}", "\u{20AC}", "\u{1F600}", "\u{1F1E9}\u{1F1EA}", "\r\n",
        "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{200D}\u{1F466}",
        "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
        "\u{1100}\u{1161}\u{11A8}",
    ]

    @Test(arguments: characters)
    func `an error text keeps 200 whole characters`(character: String) {
        for count in [0, 1, 199, 200, 201, 5_000] {
            let text = String(repeating: character, count: count)
            let cut = SystemEventText.error(text)
            // Flags are told apart by counting from the start.
            #expect(cut.count == min(count, 200), "\(count)")
            #expect(text.utf8.starts(with: cut.utf8))
            #expect(cut.utf8.count == min(count, 200) * character.utf8.count)
        }
    }

    @Test func `characters of mixed kinds are never cut in two`() {
        var random = SeededGenerator(seed: 31)
        for _ in 0..<300 {
            let text = (0..<random.below(420)).map { _ in random.pick(Self.characters) }.joined()
            let cut = SystemEventText.error(text)
            #expect(cut == String(text.prefix(200)))
            #expect(text.hasPrefix(cut))
        }
    }

    @Test func `a character beyond the bound in bytes is left out, however long it is`() {
        let endless = "e" + String(repeating: "\u{301}", count: 1 << 20)
        #expect(SystemEventText.error(endless) == "")
        #expect(SystemEventText.error("ab" + endless) == "ab")
        #expect(SystemEventText.field("ab" + endless) == "ab")
    }

    @Test func `bytes are counted as JSON writes them`() {
        let controls = String(repeating: "\u{1}", count: 10_000)
        #expect(SystemEventText.error(controls).count == 200)
        #expect(SystemEventText.field(controls).count == 1_024 / 6)
        #expect(SystemEventText.field(String(repeating: "\"", count: 1_000)).count == 255)
        var random = SeededGenerator(seed: 32)
        for _ in 0..<200 {
            let bytes = random.bytes(count: random.below(12_000))
            var writer = JSONWriter()
            writer.string(SystemEventText.error(String(decoding: bytes, as: UTF8.self)))
            #expect(writer.bytes.count <= SystemEventText.errorByteCountMax + 2)
        }
    }

    @Test func `other texts keep 255 characters`() {
        #expect(SystemEventText.field(String(repeating: "x", count: 300)).count == 255)
        #expect(SystemEventText.field(String(repeating: "\u{1F600}", count: 300)).count == 255)
    }
}
