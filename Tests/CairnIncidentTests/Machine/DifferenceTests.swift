import CairnCore
import CairnIncident
import CairnTesting
import Testing

/// Places at which JSON differs.
struct DifferenceTests {
    private static func value(_ text: String) throws -> JSONValue {
        try JSONValue.parse(Array(text.utf8))
    }

    private static func differences(_ before: String, _ after: String) throws -> [String] {
        Difference.all(from: try value(before), to: try value(after)).map { difference in
            "\(difference.path): \(difference.before?.description ?? "-") -> "
                + (difference.after?.description ?? "-")
        }
    }

    @Test func `places are named from the outside in, in the order of the first value`() throws {
        let found = try Self.differences(
            #"{"b":1,"a":{"x":[1,2,{"y":"z"}],"gone":null},"same":true}"#,
            #"{"same":true,"a":{"x":[1,3,{"y":"w"},4]},"b":2,"new":{"k":1}}"#
        )
        #expect(
            found == [
                "b: 1 -> 2", "a.x.1: 2 -> 3", #"a.x.2.y: "z" -> "w""#, "a.x.3: - -> 4",
                "a.gone: null -> -", #"new: - -> {"k":1}"#,
            ]
        )
    }

    @Test func `what means the same is no difference`() throws {
        #expect(try Self.differences(#"{"a":1.0,"b":[]}"#, #"{"b":[],"a":1}"#).isEmpty)
        #expect(try Self.differences(#"{"a":1,"a":2}"#, #"{"a":2}"#).isEmpty)
        #expect(try Self.differences(#"{"a":1,"a":2}"#, #"{"a":1,"a":2}"#).isEmpty)
        #expect(try Self.differences("[]", "{}") == [": [] -> {}"])
        #expect(try Self.differences(#"{"a":{}}"#, #"{"a":{"b":1}}"#) == ["a.b: - -> 1"])
    }

    @Test func `all places can be asked for`() throws {
        let all = Difference.all(
            from: try Self.value(#"{"a":1,"b":{"c":2,"d":{}}}"#),
            to: try Self.value(#"{"a":1,"b":{"c":3,"d":{}}}"#),
            includesSame: true
        )
        #expect(all.map(\.path.description) == ["a", "b.c", "b.d"])
        #expect(all.map(\.isNone) == [true, false, true])
    }

    /// JSON in which members and elements are often the same.
    private static func random(
        _ random: inout SeededGenerator,
        depth: Int = 0
    ) -> JSONValue {
        switch Int.random(in: 0..<(depth < 3 ? 6 : 3), using: &random) {
        case 0: .number("\(Int.random(in: 0...2, using: &random))")
        case 1: .string(["a", "b", ""][Int.random(in: 0...2, using: &random)])
        case 2: [JSONValue.null, .bool(true), .bool(false)][Int.random(in: 0...2, using: &random)]
        case 3:
            .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    Self.random(&random, depth: depth + 1)
                }
            )
        default:
            .object(
                ["a", "b", "a.b", "0"].shuffled(using: &random)
                    .prefix(Int.random(in: 0...4, using: &random))
                    .map { JSONMember($0, Self.random(&random, depth: depth + 1)) }
            )
        }
    }

    @Test(arguments: 0..<UInt64(300))
    func `the differences lead from the one value to the other, and back`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let before = Self.random(&random)
        let after = Self.random(&random)
        let there = Difference.all(from: before, to: after)
        #expect(there.isEmpty == (before == after), "\(before) \(after)")
        #expect(Self.applying(there, to: before) == after, "\(before) \(after)")
        let back = Difference.all(from: after, to: before)
        let turned = there.map { Difference(path: $0.path, before: $0.after, after: $0.before) }
        #expect(Set(back) == Set(turned))
        let whole = Difference.all(from: before, to: after, includesSame: true)
        #expect(whole.filter { !$0.isNone } == there)
        #expect(Difference.all(from: before, to: before).isEmpty)
    }

    /// Puts the second value's parts in the places of the first one's.
    private static func applying(_ differences: [Difference], to value: JSONValue) -> JSONValue {
        // What goes, goes last and from the back, so that it does not move what stays.
        let ordered =
            differences.filter { $0.after != nil }
            + differences.reversed().filter { $0.after == nil }
        return ordered.reduce(value) { value, difference in
            put(difference.after, at: difference.path.parts[...], in: value) ?? .null
        }
    }

    private static func put(
        _ part: JSONValue?,
        at path: ArraySlice<String>,
        in value: JSONValue?
    ) -> JSONValue? {
        guard let key = path.first else { return part }
        switch value {
        case .object(let members)?:
            var kept = members.filter { $0.key != key }
            let inner = put(part, at: path.dropFirst(), in: members.last { $0.key == key }?.value)
            if let inner { kept.append(JSONMember(key, inner)) }
            return .object(kept)
        case .array(var elements)?:
            guard let index = Int(key) else { return value }
            let inner = put(
                part,
                at: path.dropFirst(),
                in: index < elements.count ? elements[index] : nil
            )
            if index < elements.count { elements.remove(at: index) }
            if let inner { elements.insert(inner, at: min(index, elements.count)) }
            return .array(elements)
        default: return value
        }
    }
}
