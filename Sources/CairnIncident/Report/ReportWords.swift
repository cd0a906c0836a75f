internal import CairnCore

/// The texts of a report, each kept once and numbered in the order of their first use.
struct ReportWords: Sendable {
    private(set) var texts: [String] = []
    private var numbers: [ExactText: Int64] = [:]

    mutating func number(of text: String) -> Int64 {
        let exact = ExactText(text)
        if let known = numbers[exact] { return known }
        let number = Int64(texts.count)
        numbers[exact] = number
        texts.append(text)
        return number
    }

    mutating func number(ifAny text: String?) -> Int64? { text.map { number(of: $0) } }
}

/// The members that the states of a report's streams have, each numbered when it first appears.
struct ReportMembers: Sendable {
    private(set) var names: [String] = []
    private var numbers: [JSONPath: Int64] = [:]

    mutating func number(of path: JSONPath) -> Int64 {
        if let known = numbers[path] { return known }
        let number = Int64(names.count)
        numbers[path] = number
        // A state that is no object has no members, and is called by what it is.
        names.append(path.parts.isEmpty ? "state" : path.description)
        return number
    }
}

/// The metadata of a report: objects as the list of their keys and the words of their values, so
/// that what thousands of events say is kept once.
struct ReportMetadata: Sendable {
    /// The words of the keys of each kind of object.
    private(set) var shapes: [[Int64]] = []
    /// The number of a shape and the words of its values, each as JSON text; or -1 and the word
    /// of a whole text.
    private(set) var rows: [[Int64]] = []
    private var shapeNumbers: [[Int64]: Int64] = [:]
    private var rowNumbers: [[Int64]: Int64] = [:]

    mutating func number(of json: [UInt8], words: inout ReportWords) -> Int64 {
        Self.number(of: row(json, &words), in: &rows, &rowNumbers)
    }

    private mutating func row(_ json: [UInt8], _ words: inout ReportWords) -> [Int64] {
        guard case .object(let members)? = try? JSONValue.parse(json) else {
            return [-1, words.number(of: String(decoding: json, as: UTF8.self))]
        }
        let keys = members.map { words.number(of: $0.key) }
        let shape = Self.number(of: keys, in: &shapes, &shapeNumbers)
        return [shape]
            + members.map { member in
                var writer = JSONWriter()
                writer.value(member.value)
                return words.number(of: writer.text)
            }
    }

    private static func number(
        of row: [Int64],
        in rows: inout [[Int64]],
        _ numbers: inout [[Int64]: Int64]
    ) -> Int64 {
        if let known = numbers[row] { return known }
        let number = Int64(rows.count)
        numbers[row] = number
        rows.append(row)
        return number
    }
}
