internal import CairnCore
internal import CairnDomains

/// Values as they are written in a source: in ASCII, and as the formatter has them.
enum SwiftText {
    /// The longest line.
    static let widthMax = 100

    static func text(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case " "..."~": quoted.unicodeScalars.append(scalar)
            default: quoted += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return quoted + "\""
    }

    static func optional(_ text: String?) -> String { text.map { Self.text($0) } ?? "nil" }

    /// A whole number, in groups of three digits.
    static func integer(_ value: some BinaryInteger) -> String {
        var digits = Array(value.magnitude.description)
        var place = digits.count - 3
        while place > 0 {
            digits.insert("_", at: place)
            place -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    static func optional(_ value: (some BinaryInteger)?) -> String {
        value.map { integer($0) } ?? "nil"
    }

    static func span(_ span: TimeSpan) -> String {
        let count = span.nanoseconds
        if count == 0 { return ".zero" }
        if count % 1_000_000_000 == 0 { return ".seconds(\(integer(count / 1_000_000_000)))" }
        if count % 1_000_000 == 0 { return ".milliseconds(\(integer(count / 1_000_000)))" }
        return "TimeSpan(nanoseconds: \(integer(count)))"
    }

    static func status(_ status: PipelineStatus) -> String {
        switch status {
        case .started: ".started"
        case .completed: ".completed"
        case .failed: ".failed"
        case .skipped: ".skipped"
        case .retryScheduled: ".retryScheduled"
        case .other(let word): ".other(\(text(word)))"
        }
    }

    static func optional(_ status: PipelineStatus?) -> String {
        status.map { Self.status($0) } ?? "nil"
    }

    /// JSON as a literal of one line.
    static func json(_ value: JSONValue) -> String {
        let marks = marks(around: value.description)
        return marks + "\"" + ascii(value.description, marks) + "\"" + marks
    }

    /// JSON as a literal of several lines, without the indentation that these get together.
    static func lines(ofJSON value: JSONValue, width: Int) -> [String] {
        let marks = marks(around: value.description)
        return [marks + "\"\"\""]
            + JSONLines(widthMax: width, marks: marks).lines(of: value) + ["\"\"\"" + marks]
    }

    /// As many marks as a raw literal needs so that nothing in a text ends it, or begins a value
    /// within it.
    private static func marks(around text: String) -> String {
        var (longest, run, isOpen) = (0, 0, false)
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "#") && isOpen ? run + 1 : 0
            if byte != UInt8(ascii: "#") { isOpen = [0x22, 0x5C].contains(byte) }
            longest = max(longest, run)
        }
        return String(repeating: "#", count: longest + 1)
    }

    /// A text in which what is beyond ASCII is named by number, as raw literals do it.
    fileprivate static func ascii(_ text: String, _ marks: String) -> String {
        guard !text.utf8.allSatisfy({ $0 < 0x7F }) else { return text }
        var plain = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case " "..."~": plain.unicodeScalars.append(scalar)
            default: plain += "\\\(marks)u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return plain
    }
}

/// JSON over as many lines as it needs, within a raw literal of Swift.
private struct JSONLines {
    let widthMax: Int
    let marks: String

    func lines(of value: JSONValue) -> [String] {
        lines(of: value, behind: "", indentation: 0)
    }

    private func lines(of value: JSONValue, behind head: String, indentation: Int) -> [String] {
        let margin = String(repeating: " ", count: indentation)
        let line = margin + head + SwiftText.ascii(value.description, marks)
        // One column is for the comma.
        if line.utf8.count < widthMax { return [line] }
        let brackets: (String, String)
        var items: [[String]]
        switch value {
        case .object(let members):
            brackets = ("{", "}")
            items = members.map { member in
                let key = SwiftText.ascii(JSONValue.string(member.key).description, marks) + ": "
                return lines(of: member.value, behind: key, indentation: indentation + 2)
            }
        case .array(let elements):
            brackets = ("[", "]")
            items = elements.map { lines(of: $0, behind: "", indentation: indentation + 2) }
        case .null, .bool, .number, .string: return [line]
        }
        guard !items.isEmpty else { return [line] }
        for index in items.indices.dropLast() { items[index][items[index].count - 1] += "," }
        return [margin + head + brackets.0] + items.flatMap { $0 } + [margin + brackets.1]
    }
}
