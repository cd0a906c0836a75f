internal import CairnCore

/// One value of a definition and the path that led to it, so that every error can name it.
struct DefinitionReader {
    let value: JSONValue
    let path: String

    func failure(_ reason: PipelineDefinitionError.Reason) -> PipelineDefinitionError {
        .invalid(path: path, reason: reason)
    }

    private func wrongKind(_ expected: String) -> PipelineDefinitionError {
        failure(.wrongKind(expected: expected, found: value.kind))
    }

    /// Checks that this is an object without keys that nobody would read.
    func requireKeys(_ known: String...) throws(PipelineDefinitionError) {
        guard case .object(let members) = value else { throw wrongKind("an object") }
        var seen: Set<String> = []
        for member in members {
            let place = DefinitionReader(value: member.value, path: path(to: member.key))
            guard known.contains(member.key) else { throw place.failure(.unknownKey) }
            guard seen.insert(member.key).inserted else { throw place.failure(.repeatedKey) }
        }
    }

    private func path(to key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of a key; nil if it is absent or null.
    func optional(_ key: String) -> DefinitionReader? {
        guard let member = value[key] else { return nil }
        if case .null = member { return nil }
        return DefinitionReader(value: member, path: path(to: key))
    }

    func required(_ key: String) throws(PipelineDefinitionError) -> DefinitionReader {
        guard let member = optional(key) else {
            throw .invalid(path: path(to: key), reason: .missing)
        }
        return member
    }

    /// The elements under a key; none if it is absent.
    func elements(_ key: String) throws(PipelineDefinitionError) -> [DefinitionReader] {
        guard let list = optional(key) else { return [] }
        guard case .array(let elements) = list.value else { throw list.wrongKind("an array") }
        return elements.enumerated().map { index, element in
            DefinitionReader(value: element, path: "\(list.path)[\(index)]")
        }
    }

    func text() throws(PipelineDefinitionError) -> String {
        guard case .string(let text) = value else { throw wrongKind("a string") }
        guard !text.isEmpty else { throw failure(.emptyText) }
        return text
    }

    func texts(_ key: String) throws(PipelineDefinitionError) -> [String] {
        var texts: [String] = []
        for element in try elements(key) { texts.append(try element.text()) }
        return texts
    }

    func bool(_ key: String, default standard: Bool) throws(PipelineDefinitionError) -> Bool {
        guard let member = optional(key) else { return standard }
        guard case .bool(let value) = member.value else { throw member.wrongKind("true or false") }
        return value
    }

    /// A number that has at most some decimals, as a whole number of its smallest unit.
    func number(
        decimals: Int,
        in range: ClosedRange<Int64>,
        named bounds: String
    ) throws(PipelineDefinitionError) -> Int64 {
        guard case .number(let source) = value else { throw wrongKind("a number") }
        guard let number = JSONNumber(source)?.integer(scaledByPowerOfTen: decimals),
            range.contains(number)
        else { throw failure(.outOfRange(bounds)) }
        return number
    }

    /// A span of time in seconds, exact to the nanosecond.
    func seconds() throws(PipelineDefinitionError) -> TimeSpan {
        TimeSpan(
            nanoseconds: try number(
                decimals: 9,
                in: 0...Int64.max,
                named: "seconds from 0 to 9223372036, with at most 9 decimals"
            )
        )
    }
}
