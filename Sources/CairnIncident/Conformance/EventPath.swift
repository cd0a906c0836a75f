internal import CairnCore
internal import CairnDomains

/// The order in which the events of a stream should come, by what the machine calls them.
///
/// It decides nothing: it is what `conformance` holds the histories against, what reports mark as
/// odd, and how both know that a stream has ended. Names are compared byte for byte.
///
/// ```swift
/// EventPath(
///     from: ["held"],
///     ["held": ["sold", "letGo"], "letGo": ["held"], "sold": []],
///     to: ["sold"]
/// )
/// ```
public struct EventPath: Hashable, Sendable {
    /// All names, in the order in which they were declared.
    public let names: [String]
    /// The names that a stream may begin with.
    public let starts: [String]
    /// The names after which a stream has ended; empty where that cannot be told by a name.
    public let ends: [String]
    private let followers: [ExactText: Set<ExactText>]
    private let startNames: Set<ExactText>
    private let endNames: Set<ExactText>

    /// Declares a path.
    ///
    /// - Parameters:
    ///   - starts: The names that a stream may begin with.
    ///   - followers: For each name those that may come next. One that is named only as a
    ///     follower is known, and nothing may come after it.
    ///   - ends: The names after which a stream has ended.
    public init(
        from starts: [String],
        _ followers: KeyValuePairs<String, [String]>,
        to ends: [String] = []
    ) {
        self.starts = starts
        self.ends = ends
        startNames = Set(starts.map { ExactText($0) })
        endNames = Set(ends.map { ExactText($0) })
        self.followers = Dictionary(
            followers.map { (ExactText($0.key), Set($0.value.map { ExactText($0) })) },
            uniquingKeysWith: { $0.union($1) }
        )
        var seen: Set<ExactText> = []
        let all = followers.map(\.key) + starts + followers.flatMap(\.value) + ends
        names = all.filter { seen.insert(ExactText($0)).inserted }
    }

    /// Whether an event of a name may come next.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - previous: The name of the event before it; nil for the first one.
    /// - Returns: Whether the path has it there.
    public func allows(_ name: String, after previous: String?) -> Bool {
        guard let previous else { return startNames.contains(ExactText(name)) }
        return followers[ExactText(previous)]?.contains(ExactText(name)) ?? false
    }

    /// Whether a stream has ended after an event of a name.
    func isEnd(_ name: String) -> Bool { endNames.contains(ExactText(name)) }
}

/// A stream on its path, event by event.
struct PathWalk {
    private let path: EventPath?
    private let known: Set<ExactText>
    /// The last name that the path has.
    private var last: String?

    init(_ path: EventPath?) {
        self.path = path
        known = Set((path?.names ?? []).map { ExactText($0) })
    }

    /// Goes on to the next event.
    ///
    /// - Parameter name: Its name. One that the path does not have leaves the stream where it was.
    /// - Returns: How it left the path; nil where it did not, or where none is declared.
    mutating func take(_ name: String) -> DepartureKind? {
        guard let path else { return nil }
        guard known.contains(ExactText(name)) else { return .anomaly(.unknownEventType) }
        defer { last = name }
        return path.allows(name, after: last) ? nil : .undeclaredStep
    }

    /// Whether the stream has ended; false where the path does not say how streams end.
    var hasEnded: Bool { last.flatMap { path?.isEnd($0) } ?? false }

    /// Whether the stream has begun, and its path says how it will end.
    var isUnderWay: Bool { last != nil && path?.ends.isEmpty == false && !hasEnded }
}
