internal import CairnCore

/// One attempt to reach a user, and what became of it at each address.
///
/// It is the same whatever order the rows came in, and however often: rows stand by `created_at`,
/// and those of one instant by what begins before what ends, and then by uid.
public struct TouchTree: Hashable, Sendable {
    /// What the rows say about the attempt as a whole.
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// Nothing but the attempt is known.
        case attempted
        case unreachable
        case stale
        /// There were addresses; what became of each is said there.
        case reachable
    }

    /// The uid of the attempt, or what the rows name where there is no attempt.
    public let root: String
    /// The attempt's row; nil where it is not there.
    public let attempt: Touch?
    public let verdict: Verdict
    /// Every row, the attempt's included, in order.
    public let rows: [Touch]
    /// The addresses in the order in which rows name them first.
    public let destinations: [TouchDestination]
    /// What should not be so, by the order of the rows.
    public let anomalies: [TouchAnomaly]

    /// Rows about the attempt as a whole: that it was unreachable, stale, or reachable.
    public var notices: [Touch] { rows.filter { $0.fact.isNotice } }

    /// Builds the tree of an attempt.
    ///
    /// - Parameters:
    ///   - root: The attempt's uid.
    ///   - touches: Rows in any order, some of them perhaps twice; those that do not hang below
    ///     the root are left out.
    /// - Complexity: `n log n` for so many rows.
    public init(root: String, touches: some Sequence<Touch>) {
        let links = TouchLinks(touches)
        let rows = links.rows(below: root)
        self.root = root
        self.rows = rows
        attempt = rows.first { $0.uid.name.hasSameBytes(as: root) && $0.fact.parent == nil }
        let places = TouchDestination.all(in: rows)
        destinations = places
        verdict =
            if rows.contains(where: { $0.fact.kind == .sendReachable }) || !places.isEmpty {
                .reachable
            } else if rows.contains(where: { $0.fact.kind == .sendUnreachable }) {
                .unreachable
            } else if rows.contains(where: { $0.fact.kind == .sendStale }) {
                .stale
            } else { .attempted }
        anomalies = TouchAnomaly.all(in: rows, links, places)
    }
}

/// What became of a message at one address.
public struct TouchDestination: Hashable, Sendable {
    /// How far a message came at an address; of several outcomes the one that says most.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// It was queued, and nothing more is known.
        case pending
        /// It failed, and was queued again.
        case retrying
        case abandoned
        case unretryable
        case delivered
    }

    public let name: String
    public let status: Status
    /// Rows about the address, in order.
    public let outcomes: [Touch]
    /// Whether a row that lists addresses has this one.
    public let isListed: Bool

    /// How often it was queued again.
    public var retryCount: Int { outcomes.count { $0.fact.kind == .sendRetry } }
}

extension TouchDestination {
    fileprivate static func all(in rows: [Touch]) -> [TouchDestination] {
        var names: [String] = []
        var outcomes: [ExactText: [Touch]] = [:]
        var listed: Set<ExactText> = []
        func meet(_ name: String) {
            guard outcomes[ExactText(name)] == nil else { return }
            outcomes[ExactText(name)] = []
            names.append(name)
        }
        for row in rows {
            if case .sendReachable(let reach) = row.fact {
                for name in reach.destinations {
                    meet(name)
                    listed.insert(ExactText(name))
                }
            } else if let name = row.fact.destination {
                meet(name)
                outcomes[ExactText(name)]?.append(row)
            }
        }
        return names.map { name in
            let found = outcomes[ExactText(name)] ?? []
            return TouchDestination(
                name: name,
                status: status(of: found),
                outcomes: found,
                isListed: listed.contains(ExactText(name))
            )
        }
    }

    /// A success says more than any failure, and an end more than a retry.
    private static func status(of outcomes: [Touch]) -> Status {
        let kinds = Set(outcomes.map(\.fact.kind))
        if kinds.contains(.sendSuccess) { return .delivered }
        if kinds.contains(.sendUnretryable) { return .unretryable }
        if kinds.contains(.sendAbandon) { return .abandoned }
        return kinds.contains(.sendRetry) ? .retrying : .pending
    }
}

/// The rows of a tree by uid, and which hang on which.
struct TouchLinks {
    let rows: [ExactText: Touch]
    private let children: [ExactText: [Touch]]

    init(_ touches: some Sequence<Touch>) {
        var rows: [ExactText: Touch] = [:]
        for touch in touches { rows[ExactText(touch.uid.name)] = touch }
        var children: [ExactText: [Touch]] = [:]
        for touch in rows.values {
            guard let parent = touch.fact.parent else { continue }
            children[ExactText(parent), default: []].append(touch)
        }
        self.rows = rows
        self.children = children
    }

    /// The row that another one names as its parent.
    func parent(of touch: Touch) -> Touch? {
        touch.fact.parent.flatMap { rows[ExactText($0)] }
    }

    /// The rows that hang below a uid, and its own row, in order; each once, also where parents
    /// lead in a circle.
    func rows(below root: String) -> [Touch] {
        var found: [ExactText: Touch] = [:]
        var open = [ExactText(root)]
        found[ExactText(root)] = rows[ExactText(root)]
        while let name = open.popLast() {
            for child in children[name] ?? [] {
                let childName = ExactText(child.uid.name)
                guard found.updateValue(child, forKey: childName) == nil else { continue }
                open.append(childName)
            }
        }
        return found.values.sorted(by: Self.precedes)
    }

    static func precedes(_ left: Touch, _ right: Touch) -> Bool {
        (left.createdAt, left.fact.kind.rank, left.uid)
            < (right.createdAt, right.fact.kind.rank, right.uid)
    }
}

extension TouchFact {
    /// Whether the row is about the attempt as a whole.
    var isNotice: Bool {
        switch self {
        case .sendUnreachable, .sendStale, .sendReachable: true
        case .sendAttempt, .sendRetry, .sendAbandon, .sendUnretryable, .sendSuccess: false
        }
    }

    /// Whether nothing more is to come at the row's address, or for the whole attempt.
    var isEnd: Bool {
        switch self {
        case .sendUnreachable, .sendStale, .sendAbandon, .sendUnretryable, .sendSuccess: true
        case .sendAttempt, .sendReachable, .sendRetry: false
        }
    }
}
