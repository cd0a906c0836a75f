import CairnCore
import Testing

struct NameTests {
    @Test func `names are equal only byte for byte`() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        #expect(composed == decomposed)
        #expect(try StreamID(composed) != StreamID(decomposed))
        #expect(try EventID(composed) != EventID(decomposed))
        #expect(try Set([StreamID(composed), StreamID(decomposed)]).count == 2)
        #expect(try Set([EventID(composed), EventID(decomposed), EventID(composed)]).count == 2)
        #expect(Set([StreamKind(composed), StreamKind(decomposed)]).count == 2)
        #expect(Set([composed, decomposed, composed].map { ExactText($0) }).count == 2)
        #expect(JSONMember(composed, .null) != JSONMember(decomposed, .null))
    }

    @Test func `names sort by their bytes, whatever their length`() {
        let names = [
            "", "a", "aaaaaaa", "aaaaaaaa", "aaaaaaaa\u{0}", "aaaaaaaaa", "aaaaaaab",
            "aaaaaaa\u{E9}",
            "b", "caf\u{E9}", "cafe\u{301}", "item-0000000000000001", "item-0000000000000010",
            "item-000000000000001", "\u{1F600}", "\u{FFFD}",
        ]
        for left in names {
            for right in names {
                let precedes = left.utf8.lexicographicallyPrecedes(right.utf8)
                #expect(left.hasBytes(before: right) == precedes, "\(left) before \(right)")
            }
        }
    }

    static let parts: [(name: String, kind: String, key: String)] = [
        ("pipeline/PAGW-1", "pipeline", "PAGW-1"), ("a/b/c", "a", "b/c"), ("alone", "alone", ""),
        ("/key", "", "key"), ("kind/", "kind", ""), ("kind/\u{301}key", "kind", "\u{301}key"),
    ]

    @Test(arguments: parts)
    func `a stream's kind is before its first slash and its key after`(
        name: String,
        kind: String,
        key: String
    ) throws {
        let stream = try StreamID(name)
        #expect(stream.kind.name == kind)
        #expect(stream.key == key)
    }

    @Test func `a stream without a key is refused`() {
        #expect(throws: LimitError.emptyStreamID) { try StreamID(kind: StreamKind("a"), key: "") }
    }

    @Test func `lengths are counted in bytes`() throws {
        let letters = Limits.streamIDByteCountMax / 2
        #expect(throws: Never.self) { try StreamID(String(repeating: "\u{E9}", count: letters)) }
        #expect(
            throws: LimitError.streamIDTooLong(
                byteCount: Limits.streamIDByteCountMax + 2,
                byteCountMax: Limits.streamIDByteCountMax
            )
        ) { try StreamID(String(repeating: "\u{E9}", count: letters + 1)) }
    }

    @Test func `positions and sequences stay at the ends of their range`() {
        #expect(Position.zero.previous == .zero)
        #expect(Position.zero.next == .first)
        #expect(Position(rawValue: .max).next.rawValue == .max)
        #expect(SequenceNumber(rawValue: .max).next.rawValue == .max)
    }
}
