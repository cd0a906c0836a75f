internal import CairnCore

/// A test of a machine as a file: the events in the form in which the machine reads them, and what
/// is expected of the state after them.
struct MachineCaseSource {
    let events: [(document: JSONValue, instant: Timestamp)]
    let facts: [String]
    /// Values that are too long for where they are expected, as lines by their names.
    let values: [(name: String, lines: [String])]
    /// What the events are enough for.
    let subject: [String]
    let wholeCount: Int
    let isMinimal: Bool
    /// The machine's type with its module.
    let typeName: String
    let machineSource: String?

    /// A name that other events do not have.
    var suiteName: String {
        let name = typeParts.last?.prefix { $0 != "<" } ?? "Machine"
        return name + "Case" + CaseText.digits(of: body)
    }

    var text: String {
        let lines =
            ["import Cairn", "import Testing", "", "@testable import \(module)", ""] + comment
            + ["@Suite struct \(suiteName) {"] + body.map { $0.isEmpty ? $0 : "    " + $0 } + ["}"]
        return lines.joined(separator: "\n") + "\n"
    }

    private var module: Substring { typeName.prefix { $0 != "." } }

    /// The names of the type and of those around it, without a private one's place.
    private var typeParts: [String] {
        parts(of: typeName).dropFirst().filter { !$0.hasPrefix("(") }
    }

    /// The parts of a name; those of a generic type's arguments stay with it.
    private func parts(of name: String) -> [String] {
        var parts = [""]
        var depth = 0
        var previous: Character = " "
        for character in name {
            switch character {
            case "<", "(": depth += 1
            // The arrow of a function closes nothing.
            case ">" where previous != "-": depth -= 1
            case ")": depth -= 1
            default: break
            }
            if character == ".", depth == 0 {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
            previous = character
        }
        return parts
    }

    private var comment: [String] {
        let count = "\(events.count) of \(wholeCount) event" + (wholeCount == 1 ? "" : "s")
        let end = isMinimal ? "" : " Fewer events may do: not all ways were tried."
        let shown = subject.joined(separator: ", ")
        return CaseText.comment("\(count) of a key, enough to show: \(shown).") + ["///"]
            + CaseText.comment(
                "Texts are stand-ins, the same one for the same text. Times are as far from the "
                    + "first event as they were.\(end)"
            )
    }

    /// Without the indentation of the suite.
    private var body: [String] {
        let machine = machineSource ?? typeParts.joined(separator: ".") + "()"
        var lines = [
            "@Test func `the key stands where it stood`() throws {",
            "    let machine = \(machine)",
            "    var state = machine.initial",
            "    for (span, json) in Self.events {",
            "        let document = try JSONValue.parse(Array(json.utf8))",
            "        let event = try machine.event(from: document, at: Self.start.adding(span))",
            "        machine.evolve(&state, by: event)",
            "    }",
            "    let document = machine.document(of: state)",
            "    // What happened. Where something else should have, write that here: the test then",
            "    // fails until the rules are mended.",
        ]
        lines += facts.flatMap { CaseText.expectation($0) } + ["}", ""]
        lines.append(
            "private static let start = Timestamp(nanoseconds: "
                + "\(SwiftText.integer(RequestTest.start.nanoseconds)))"
        )
        lines += ["", "private static let events: [(after: TimeSpan, json: String)] = ["]
        lines += eventLines.map { "    " + $0 } + ["]"]
        for (name, json) in values {
            lines += ["", "private static let \(name) = " + json[0]]
            lines += json.dropFirst().map { "    " + $0 }
        }
        guard facts.contains(where: { $0.contains("Self.json(") }) else { return lines }
        return lines + [
            "", "private static func json(_ text: String) throws -> JSONValue {",
            "    try JSONValue.parse(Array(text.utf8))", "}",
        ]
    }

    private var eventLines: [String] {
        let lines = events.map { document, instant in
            let span = SwiftText.span(instant.since(RequestTest.start))
            let line = "(\(span), \(SwiftText.json(document))),"
            if CaseText.fits("        " + line) { return [line] }
            let json = SwiftText.lines(ofJSON: document, width: 84).map { "    " + $0 }
            return ["(", "    \(span),"] + json + ["),"]
        }
        // As the formatter has it where there is only one.
        guard lines.count == 1, var only = lines.first, let last = only.popLast() else {
            return lines.flatMap { $0 }
        }
        return only + [String(last.dropLast())]
    }

    /// Says what members of a state are, or the whole state.
    static func facts(
        _ members: [String?],
        of document: JSONValue
    ) -> (facts: [String], values: [(name: String, lines: [String])]) {
        var values: [(name: String, lines: [String])] = []
        let facts = members.map { member in
            let place = member.map { "document[\(SwiftText.text($0))]" } ?? "document"
            let value = member.map { document[$0] } ?? document
            switch value {
            case nil: return "\(place) == nil"
            case .null?: return "\(place) == .null"
            case .bool(let flag)?: return "\(place) == .bool(\(flag))"
            case .number(let text)?: return "\(place) == .number(\(SwiftText.text(text)))"
            case .string(let text)?: return "\(place) == .string(\(SwiftText.text(text)))"
            case .array(_)?, .object(_)?:
                let json = value ?? .null
                let fact = "try \(place) == Self.json(\(SwiftText.json(json)))"
                if CaseText.fits("        #expect(\(fact))") { return fact }
                let name = "value\(values.count + 1)"
                values.append((name, SwiftText.lines(ofJSON: json, width: 92)))
                return "try \(place) == Self.json(Self.\(name))"
            }
        }
        return (facts, values)
    }
}
