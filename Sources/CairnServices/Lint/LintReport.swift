internal import CairnCore
internal import CairnDomains

/// What a linter found in rows of a table, before any of them is imported.
public struct LintReport: Hashable, Sendable {
    /// Whose rows they are.
    public let table: SourceTable
    /// Rows that were read, the bad ones among them.
    public internal(set) var rowCount = 0
    /// What is wrong, by kind; none where nothing is.
    public internal(set) var findings: [LintFinding] = []
    /// What could not be followed within the linter's memory, in words.
    public internal(set) var limits: [String] = []

    public init(table: SourceTable) {
        self.table = table
    }
}

/// Everything of one kind that is wrong.
public struct LintFinding: Hashable, Sendable {
    /// Most examples that are kept.
    public static let exampleCountMax = 3

    public let kind: LintKind
    /// How often it was found.
    public internal(set) var count = 0
    /// The first of them.
    public internal(set) var examples: [LintExample] = []
}

/// Where something was found first, and what it is.
public struct LintExample: Hashable, Sendable {
    /// The input as it was named.
    public let source: String
    /// Where in the input.
    public let place: ImportPlace
    /// What stands there, in words.
    public let detail: String
}

/// What can be wrong with rows; the words are those of output.
public enum LintKind: String, CaseIterable, Sendable {
    /// An import refuses the row.
    case badRow = "bad_row"
    /// A key that may be there once is there again: an id, a uid, a number of a request.
    case duplicateKey = "duplicate_key"
    /// A word of one spelling of statuses beside those of the other: SUCCESS beside COMPLETED.
    case mixedStatus = "mixed_status"
    /// A status that is none of those that are known.
    case unknownStatus = "unknown_status"
    /// A status that its event type does not imply.
    case statusContradiction = "status_contradiction"
    /// A stage or an event type that the given definition does not list, or a channel of another
    /// name.
    case unknownWord = "unknown_word"
    /// An event type of a system event that does not keep the naming rule.
    case badName = "bad_name"
    /// A payload of a system event that is no object.
    case badPayload = "bad_payload"
    /// A request of two tenants.
    case tenantMismatch = "tenant_mismatch"
    /// A row whose parent is in none of the inputs.
    case orphanParent = "orphan_parent"
    /// A row that stands before its parent.
    case lateParent = "late_parent"
    /// Something ends, or goes on, that never started.
    case missingStart = "missing_start"
    /// Something goes on that had ended.
    case afterEnd = "after_end"
    /// A later attempt stands before.
    case attemptRegression = "attempt_regression"
    /// A row was created before the one that it follows.
    case clockInversion = "clock_inversion"
    /// A row stands behind one with a higher number of its request.
    case lateRow = "late_row"
    /// Numbers of a request, or ids of a table, that are missing between others.
    case sequenceGap = "sequence_gap"
    /// A value with more characters than the source's column has room for.
    case overLongField = "over_long_field"
    /// A time that is none between the years 1677 and 2262: it is ordered and shown as their end.
    case outOfRange = "out_of_range"
    /// What looks like personal data where there should be none.
    case personalData = "personal_data"
}

/// Gathers what is found.
struct LintNotes {
    private var findings: [LintKind: LintFinding] = [:]
    private(set) var limits: [String] = []
    var sources: [String] = []

    /// Notes something, perhaps several times at one place.
    mutating func add(
        _ kind: LintKind,
        _ mark: LintMark,
        count: Int = 1,
        _ detail: @autoclosure () -> String
    ) {
        var finding = findings[kind] ?? LintFinding(kind: kind)
        finding.count += count
        if finding.examples.count < LintFinding.exampleCountMax {
            let source = mark.source < sources.count ? sources[mark.source] : ""
            finding.examples.append(
                LintExample(source: source, place: mark.place, detail: detail())
            )
        }
        findings[kind] = finding
    }

    /// Notes a number of seconds that no instant stands for.
    mutating func checkRange(_ seconds: Double, _ column: String, _ mark: LintMark) {
        let instant = Timestamp(touchSeconds: seconds)
        guard instant == .distantPast || instant == .distantFuture else { return }
        add(.outOfRange, mark, "\(column) \(seconds) is ordered and shown as \(instant)")
    }

    /// Says once that something was not followed.
    mutating func reach(_ limit: String) {
        if !limits.contains(limit) { limits.append(limit) }
    }

    /// What was found, in the order of the kinds.
    var all: [LintFinding] { LintKind.allCases.compactMap { findings[$0] } }

    /// A value as it may stand in one line of an example.
    static func shown(_ text: String) -> String { ImportReason.quoted(text) }
}

/// Where a row stands.
struct LintMark {
    let source: Int
    let place: ImportPlace
}

/// How much is held in memory.
struct LintBounds {
    /// Most names of one kind that are remembered, at about 16 bytes each.
    var nameCountMax = 2_000_000
    /// Most requests, sessions and missing parents that are followed, at about a kilobyte each.
    var subjectCountMax = 100_000
}

/// Names that were seen, each as a digest of 64 bits; two in ten million million share one.
struct LintNames {
    let countMax: Int
    private var digests: Set<UInt64> = []

    init(_ bounds: LintBounds) {
        countMax = bounds.nameCountMax
    }

    var isFull: Bool { digests.count >= countMax }

    /// Takes a name; false where it was seen before.
    mutating func insert(_ name: String) -> Bool {
        guard !isFull else { return !digests.contains(name.stableDigest) }
        return digests.insert(name.stableDigest).inserted
    }
}
