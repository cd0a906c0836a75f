internal import CairnCore
internal import CairnIncident

/// Places at which two states differ, as rows.
struct DifferenceListing {
    private let listing: Listing<Difference>
    private let rows: [Difference]

    /// Takes what differs.
    ///
    /// - Parameters:
    ///   - rows: The places.
    ///   - before: What the first value is called.
    ///   - after: What the second value is called.
    init(_ rows: [Difference], before: String = "before", after: String = "after") {
        self.rows = rows.flatMap(\.expanded)
        listing = Listing(
            columns: [
                .init("field") { .text($0.path.description) },
                .init(before) { .value($0.before ?? .null) },
                .init(after) { .value($0.after ?? .null) },
            ],
            emptyText: "no differences\n"
        )
    }

    var value: OutputValue { .array(rows.map { .object(listing.members(of: $0)) }) }

    /// The table for people, or the sentence that says there is nothing in it.
    var text: String { rows.isEmpty ? listing.emptyText : listing.text(rows) }
}

extension Difference {
    /// The difference, member by member where only one value has an object there; what is null in
    /// it is not there in the other, and says nothing.
    fileprivate var expanded: [Difference] {
        let parts: [Difference]
        switch (before, after) {
        case (nil, .object(let members)?) where !members.isEmpty:
            parts = Difference.all(from: .object([]), to: .object(members))
        case (.object(let members)?, nil) where !members.isEmpty:
            parts = Difference.all(from: .object(members), to: .object([]))
        case (nil, .null?), (.null?, nil): return []
        default: return [self]
        }
        return parts.flatMap { part in
            Difference(
                path: JSONPath(parts: path.parts + part.path.parts),
                before: part.before,
                after: part.after
            ).expanded
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
