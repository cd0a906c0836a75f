import Foundation
import Testing

@testable import CairnTesting

/// Values as they are written in a source; that the sources compile is tested beside this.
struct SwiftLiteralTests {
    private struct Hidden: Hashable { let number: Int }

    private func literal<Value>(_ value: Value) -> String? {
        SwiftLiteral(value, style: SwiftLiteralStyle(module: "CairnTestingTests"))?.text
    }

    @Test func `text is escaped so that nothing in it means anything`() {
        #expect(literal("a\"b\\(c)\n#\r\t\0") == #""a\"b\\(c)\n#\r\t\u{0}""#)
        #expect(literal("\u{E4}\u{4E2D}") == "\"\u{E4}\u{4E2D}\"")
        #expect(
            literal("e\u{301}\u{2028}\u{202E}\u{1F600}\u{3164}")
                == #""e\u{301}\u{2028}\u{202E}\u{1F600}\u{3164}""#
        )
    }

    @Test func `numbers keep their types and values`() {
        #expect(literal(Int.min) == "-9223372036854775808")
        #expect(literal(UInt8(7)) == "7 as UInt8")
        #expect(literal(-0.0) == "-0.0")
        #expect(literal(Double.nan) == "Double.nan")
        #expect(literal(Double.leastNonzeroMagnitude) == "Double(bitPattern: 0x1)")
        #expect(literal(Float.infinity) == "Float.infinity as Float")
        #expect(literal(Bool?.some(true)) == "true as Optional<Bool>")
    }

    @Test func `collections without an order are written in one`() {
        let set = literal(Set((1...9).map { $0 }))
        #expect(set == "[1, 2, 3, 4, 5, 6, 7, 8, 9] as Set<Int>")
        #expect(
            literal(["b": [1], "a": []])
                == #"["a": [], "b": [1]] as Dictionary<String, Array<Int>>"#
        )
    }

    @Test func `what no expression makes has no literal`() {
        #expect(literal(Opaque(1)) == nil)
        #expect(literal([Opaque(1)]) == nil)
        #expect(literal({ 1 }) == nil)
        #expect(literal(Hidden(number: 1)) == nil)
        #expect(literal([Hidden]()) == nil)
        // Its initialiser cannot be reached from here.
        #expect(literal(PropertySettings()) == nil)
        enum Local { case one }
        #expect(literal(Local.one) == nil)
    }

    @Test func `values too deep for anyone are not written`() {
        var purchase = Purchase.none
        for _ in 0..<40 { purchase = .pair(purchase, .none) }
        #expect(literal(purchase) == nil)
    }
}
