import CairnCore
import CairnDomains
import CairnTesting
import Testing

struct TouchUIDTests {
    static let wellFormed = [
        "utbl_a", "oseh_utbl_GqJ3w-_9", "utbl_" + String(repeating: "x", count: 250), "utbl__",
        "utbl_utbl_1",
    ]

    @Test(arguments: wellFormed)
    func `a uid is taken as it is`(name: String) throws {
        #expect(try TouchUID(name).name == name)
        #expect(try TouchUID(name).eventID.name == name)
    }

    static let malformed = [
        "", "utbl", "utbl_", "utb_x", "Utbl_x", "OSEH_utbl_x", "_utbl_x", "a_b_utbl_x", "utbl_a b",
        "utbl_caf\u{E9}", "utbl_a/b", "oseh_utbl_", "utbl_" + String(repeating: "x", count: 251),
        " utbl_a", "utbl_a\n",
    ]

    @Test(arguments: malformed)
    func `what is no uid is refused`(name: String) {
        #expect(throws: TouchError.malformedUID(name)) { try TouchUID(name) }
    }

    @Test func `128 bits are 22 characters that sort as the bits do`() throws {
        #expect(TouchUID(high: 0, low: 0).name == "utbl_----------------------")
        #expect(TouchUID(high: .max, low: .max).name == "utbl_zzzzzzzzzzzzzzzzzzzzzk")
        #expect(TouchUID(high: 1 << 58, low: 1 << 58).name == "utbl_0----------3----------")
        var generator = SeededGenerator(seed: 11)
        var pairs = (0..<2_000).map { _ in (generator.next(), generator.next()) }
        pairs += (0..<128).map { bit in bit < 64 ? (0, 1 << bit) : (1 << (bit - 64), 0) }
        pairs.sort { $0 < $1 }
        let uids = pairs.map { TouchUID(high: $0.0, low: $0.1) }
        #expect(uids == uids.sorted())
        #expect(Set(uids).count == pairs.count)
        for uid in uids { #expect(try TouchUID(uid.name) == uid) }
    }

    @Test func `a generator counts time up and never repeats`() {
        var first = TouchUIDGenerator(seed: 1)
        var second = TouchUIDGenerator(seed: 2)
        var uids: [TouchUID] = []
        for millisecond in 0..<200 {
            let instant = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
                .adding(.milliseconds(Int64(millisecond)))
            let round = [first.next(at: instant), second.next(at: instant)]
            if let last = uids.last, let next = round.min() { #expect(last < next) }
            uids += round.sorted()
        }
        #expect(Set(uids).count == uids.count)
        var again = TouchUIDGenerator(seed: 1)
        #expect(again.next(at: .distantPast).name.hasPrefix("utbl_--------"))
    }
}
