import CairnCore
import CairnIncident
import Testing

/// Reads a report's data as its page does: columns, and states from what events change of them.
struct ReportReader {
    let root: JSONValue
    let words: [String]
    let eventCount: Int
    let requestCount: Int
    private let created: [Int64]

    /// A state by its fields, each as text; absent ones are left out.
    typealias Fields = [String: String]

    init(_ bytes: [UInt8]) throws {
        root = try JSONValue.parse(bytes)
        words = try #require(root["words"]?.elements).map { try #require($0.text) }
        eventCount = Int(try #require(root["eventCount"]?.integer))
        requestCount = Int(try #require(root["requestCount"]?.integer))
        var sum: Int64 = 0
        created = Self.column(root["events"]?["created"], count: eventCount).map {
            sum += $0 ?? 0
            return sum
        }
    }

    /// The values of a column of events, requests or spans.
    func column(_ table: String, _ name: String) -> [Int64?] {
        let counts = ["events": "eventCount", "requests": "requestCount", "spans": "spanCount"]
        let count = counts[table].flatMap { root[$0]?.integer } ?? 0
        return Self.column(root[table]?[name], count: Int(count))
    }

    private static func column(_ value: JSONValue?, count: Int) -> [Int64?] {
        if let elements = value?.elements { return elements.map(\.integer) }
        guard let places = value?["i"]?.elements, let values = value?["v"]?.elements else {
            return Array(repeating: value?.integer, count: count)
        }
        var column = [Int64?](repeating: value?["d"]?.integer, count: count)
        var index = 0
        for (step, value) in zip(places, values) {
            index += Int(step.integer ?? 0)
            column[index] = value.integer
        }
        return column
    }

    /// The ids of the requests.
    var ids: [String] { column("requests", "id").map { words[Int($0 ?? 0)] } }

    /// The state of each request after each of its events, and of the stage of that event.
    func states() throws -> [[(request: Fields, stage: Fields)]] {
        let counts = column("requests", "events").map { Int($0 ?? 0) }
        let changes = try #require(root["changes"]?.elements).map { row in
            (row.elements ?? []).map { $0.integer ?? 0 }
        }
        let slots = (slots("requestSlots"), slots("stageSlots"))
        let change = column("events", "change")
        let lane = column("events", "lane")
        let laneWords = (root["lanes"]?.elements ?? []).map(\.integer)
        let names = (root["columns"]?.elements ?? []).compactMap(\.text)
        let columns = names.map { name in
            let values = column("events", name)
            guard ["retry", "started", "completed"].contains(name) else { return values }
            return values.enumerated().map { index, value in value.map { $0 + created[index] } }
        }
        let duration = column("events", "duration")
        var states: [[(request: Fields, stage: Fields)]] = []
        var event = 0
        for count in counts {
            var request = [Int64?](repeating: nil, count: slots.0.count)
            var stages: [Int64: [Int64?]] = [:]
            var own: [(request: Fields, stage: Fields)] = []
            for _ in 0..<count {
                let number = lane[event] ?? 0
                var stage = stages[number] ?? Array(repeating: nil, count: slots.1.count)
                let pattern = changes[Int(change[event] ?? 0)]
                for at in stride(from: 0, to: pattern.count, by: 3) {
                    let slot = Int(pattern[at])
                    if slot >= Self.memberBase { continue }
                    let old = slot < 100 ? request[slot] : stage[slot - 100]
                    let new: Int64? =
                        switch pattern[at + 1] {
                        case 0: nil
                        case 1: pattern[at + 2]
                        case 2: (old ?? 0) + pattern[at + 2]
                        case 3: created[event] + pattern[at + 2]
                        case 4: columns[Int(pattern[at + 2])][event]
                        case 5: (old ?? 0) + (duration[event] ?? 0)
                        default: laneWords[Int(number)]
                        }
                    if slot < 100 { request[slot] = new } else { stage[slot - 100] = new }
                }
                stages[number] = stage
                own.append((fields(request, slots.0), fields(stage, slots.1)))
                event += 1
            }
            states.append(own)
        }
        return states
    }

    private static let memberBase = 200

    /// The members of each stream's state after each of its events, by their paths.
    func members() throws -> [[[String: String]]] {
        let counts = column("requests", "events").map { Int($0 ?? 0) }
        let changes = try #require(root["changes"]?.elements).map { row in
            (row.elements ?? []).map { Int($0.integer ?? 0) }
        }
        let names = (root["streams"]?["members"]?.elements ?? []).compactMap(\.text)
        var patterns = column("events", "change").map { changes[Int($0 ?? 0)] }[...]
        return counts.map { count in
            var members: [String: String] = [:]
            defer { patterns = patterns.dropFirst(count) }
            return patterns.prefix(count).map { pattern in
                for at in stride(from: 0, to: pattern.count, by: 3)
                where pattern[at] >= Self.memberBase {
                    let value = pattern[at + 1] == 0 ? nil : words[pattern[at + 2]]
                    members[names[pattern[at] - Self.memberBase]] = value
                }
                return members
            }
        }
    }

    private func slots(_ key: String) -> [(name: String, kind: String)] {
        (root[key]?.elements ?? []).compactMap { slot in
            guard let pair = slot.elements, pair.count == 2, let name = pair[0].text,
                let kind = pair[1].text
            else { return nil }
            return (name, kind)
        }
    }

    private func fields(_ values: [Int64?], _ slots: [(name: String, kind: String)]) -> Fields {
        var fields: Fields = [:]
        for (slot, value) in zip(slots, values) {
            fields[slot.name] = value.map { slot.kind == "word" ? words[Int($0)] : String($0) }
        }
        return fields
    }
}

extension JSONValue {
    var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var double: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }

    /// A whole number, or a text that is one.
    var integer: Int64? {
        switch self {
        case .number(let text), .string(let text): Int64(text)
        case .null, .bool, .array, .object: nil
        }
    }
}
