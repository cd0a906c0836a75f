import CairnCore
import CairnIncident
import Foundation
import Testing

/// States and events of machines that say nothing of how they read.
struct ReflectionTests {
    private enum Colour: String { case red = "RED" }
    private enum Level: UInt8 { case low = 1, high }
    private enum Order {
        case open
        case paid(cents: Int)
        case sent(String, at: Timestamp)
        case split(Int, Int)
    }
    private struct Name: RawRepresentable {
        var rawValue: String
    }
    private struct Ticket {
        var name = Name(rawValue: "t-1")
        var colour = Colour.red
        var level = Level.high
        var price: Double? = 1.5
        var holder: String?
        var orders: [Order] = [.open, .paid(cents: 3), .split(1, 2)]
        var counts = ["b": 2, "a": 1]
        var seats: Set<Int> = [3, 1, 2]
        var pair = (1, "x")
        var payload = Array("{}".utf8)
        var raw: [UInt8] = [0xFF, 0x00]
        var none: [Int] = []
        var at = Timestamp(nanoseconds: 0)
        var wait = TimeSpan.milliseconds(1_500)
    }
    private struct Wrapper { var id: UUID, data: Data, sub: Substring }
    private struct Empty {}
    private indirect enum Chain { case end, link(Chain) }

    private static func text(_ value: Any) -> String { JSONValue(reflecting: value).description }

    @Test func `a structure is an object of its parts`() {
        #expect(
            Self.text(Ticket())
                == #"{"name":"t-1","colour":"RED","level":"high","price":1.5,"holder":null,"#
                + #""orders":["open",{"paid":{"cents":3}},{"split":{"0":1,"1":2}}],"#
                + #""counts":{"a":1,"b":2},"seats":[1,2,3],"pair":{"0":1,"1":"x"},"#
                + #""payload":"{}","raw":"ff00","none":[],"#
                + #""at":"1970-01-01T00:00:00.000000Z","wait":1.5}"#
        )
    }

    @Test func `what has no parts that Swift knows is its description`() throws {
        let id = try #require(UUID(uuidString: "2C9A0B64-7C4A-4B5E-9C0B-5B1F7E0C9A11"))
        let wrapper = Wrapper(id: id, data: Data("abc".utf8), sub: "xyz".dropFirst())
        #expect(Self.text(wrapper) == #"{"id":"\#(id.uuidString)","data":"abc","sub":"yz"}"#)
        #expect(Self.text(Empty()) == #""Empty()""#)
    }

    @Test func `no number is lost, and what JSON has no number for is a text`() {
        #expect(Self.text(UInt64.max) == "18446744073709551615")
        #expect(Self.text(-0.1) == "-0.1")
        #expect(Self.text(Double.nan) == #""nan""#)
        #expect(Self.text([1.0, .infinity]) == #"[1.0,"inf"]"#)
    }

    @Test func `the same value has the same text however its parts were put in`() {
        var (first, second): (Set<Int>, Set<Int>) = ([], [])
        for number in 0..<100 {
            first.insert(number)
            second.insert(99 - number)
        }
        #expect(Self.text(first) == Self.text(second))
        let names = Dictionary(uniqueKeysWithValues: (0..<50).map { (Name2(id: $0), $0) })
        let turned = Dictionary(
            uniqueKeysWithValues: (0..<50).reversed().map { (Name2(id: $0), $0) }
        )
        #expect(Self.text(names) == Self.text(turned))
    }

    private struct Name2: Hashable { var id: Int }

    @Test func `what is very deep ends`() {
        let chain = (0..<200).reduce(Chain.end) { chain, _ in .link(chain) }
        #expect(Self.text(chain).count < 20_000)
    }
}
