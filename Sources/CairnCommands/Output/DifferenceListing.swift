internal import CairnCore
internal import CairnIncident

/// Places at which two things differ, as rows of what stands there in the old one and in the new.
///
/// Which one is old is for the verb to say: the first of two moments or of two requests, what was
/// recorded, the definition before.
struct DifferenceListing {
    private let heading: String
    private let rows: [Difference]

    /// Takes what differs between two states.
    ///
    /// - Parameters:
    ///   - rows: The places.
    ///   - heading: What the column of the places is called in the table for people.
    init(_ rows: [Difference], heading: String = "path") {
        self.init(whole: rows.flatMap { $0.expanded() }, heading: heading)
    }

    /// Takes what differs, with objects that only one side has in one piece.
    init(whole rows: [Difference], heading: String = "path") {
        self.rows = rows
        self.heading = heading
    }

    /// The rows for programs.
    var value: OutputValue {
        let listing = Self.listing(heading: "path")
        return .array(rows.map { .object(listing.members(of: $0)) })
    }

    /// The table for people; empty where nothing differs.
    var table: String { rows.isEmpty ? "" : Self.listing(heading: heading).text(rows) }

    /// The table for people, or the sentence that says there is nothing in it.
    var text: String { rows.isEmpty ? "no differences\n" : table }

    private static func listing(heading: String) -> Listing<Difference> {
        Listing(
            columns: [
                .init(heading) { .text($0.path.description) },
                .init("old", text: { shown($0.before) }) { .value($0.before ?? .null) },
                .init("new", text: { shown($0.after) }) { .value($0.after ?? .null) },
            ],
            emptyText: ""
        )
    }

    /// A value for people; a dash where there is none, because nothing is what differs there.
    private static func shown(_ value: JSONValue?) -> OutputValue {
        let shown = value ?? .null
        return .value(shown == .null ? .string("-") : shown)
    }
}

extension Difference {
    /// The difference, member by member where only one value has an object there; what is null in
    /// it is not there in the other, and says nothing.
    fileprivate func expanded(isPart: Bool = false) -> [Difference] {
        let parts: [Difference]
        switch (before, after) {
        case (nil, .object(let members)?) where !members.isEmpty:
            parts = Difference.all(from: .object([]), to: .object(members))
        case (.object(let members)?, nil) where !members.isEmpty:
            parts = Difference.all(from: .object(members), to: .object([]))
        case (nil, .null?) where isPart, (.null?, nil) where isPart: return []
        default: return [self]
        }
        return parts.flatMap { part in
            Difference(
                path: JSONPath(parts: path.parts + part.path.parts),
                before: part.before,
                after: part.after
            ).expanded(isPart: true)
        }
    }
}

extension [Difference] {
    /// Without the places at which both values are times: those of two histories always differ.
    var withoutTimes: [Difference] {
        filter { difference in
            guard case .string(let before)? = difference.before,
                case .string(let after)? = difference.after
            else { return true }
            return (try? Timestamp(rfc3339: before)) == nil
                || (try? Timestamp(rfc3339: after)) == nil
        }
    }
}
