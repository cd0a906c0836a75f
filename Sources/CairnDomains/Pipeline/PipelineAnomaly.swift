public import CairnCore

/// Something that a request's rows should not hold and real logs do: kept, never refused.
public struct PipelineAnomaly: Hashable, Sendable {
    public let kind: Kind
    /// The event that shows it.
    public let sequence: SequenceNumber
    /// The event's own `sequence_no`, if it carries one.
    public let sourceNumber: Int64?

    public init(kind: Kind, sequence: SequenceNumber, sourceNumber: Int64?) {
        self.kind = kind
        self.sequence = sequence
        self.sourceNumber = sourceNumber
    }

    /// What is odd; the numbers never change their meaning, and new ones come at the end.
    public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// Its `sequence_no`, or its place where it has none, is below one that was seen before.
        case lateRow = 0
        /// Its `sequence_no` is the highest one seen, again.
        case duplicateNumber = 1
        /// It ends something that never started.
        case missingStart = 2
        /// Its stage had a later attempt before.
        case attemptRegression = 3
        /// It ends work of a request that had ended.
        case afterTerminal = 4
        /// It begins work of a request that had ended.
        case reopened = 5
        /// It was created before the row that it follows.
        case clockInversion = 6
        /// Its status is none of the five.
        case unknownStatus = 7
        /// A closed definition does not list its stage.
        case unknownStage = 8
        /// A closed definition does not list its event type.
        case unknownEventType = 9
        /// None of the stages that its stage follows was seen.
        case outOfOrderStage = 10
        /// Its tenant is not the one the request began with.
        case tenantMismatch = 11
        /// Its event type implies another status.
        case statusContradiction = 12

        /// The name that output shows, such as `late_row`.
        public var name: String {
            switch self {
            case .lateRow: "late_row"
            case .duplicateNumber: "duplicate_number"
            case .missingStart: "missing_start"
            case .attemptRegression: "attempt_regression"
            case .afterTerminal: "after_terminal"
            case .reopened: "reopened"
            case .clockInversion: "clock_inversion"
            case .unknownStatus: "unknown_status"
            case .unknownStage: "unknown_stage"
            case .unknownEventType: "unknown_event_type"
            case .outOfOrderStage: "out_of_order_stage"
            case .tenantMismatch: "tenant_mismatch"
            case .statusContradiction: "status_contradiction"
            }
        }
    }

    /// The kinds that one event shows.
    public struct Kinds: Hashable, Sendable {
        var bits: UInt16 = 0

        public init() {}

        public var isEmpty: Bool { bits == 0 }

        public func contains(_ kind: Kind) -> Bool { bits & (1 << UInt16(kind.rawValue)) != 0 }

        public mutating func insert(_ kind: Kind) { bits |= 1 << UInt16(kind.rawValue) }

        /// The kinds in the order of their numbers.
        public var all: [Kind] { isEmpty ? [] : Kind.allCases.filter { contains($0) } }
    }
}

/// All anomalies of a request by their counts, and the first of them in full.
public struct PipelineAnomalies: Hashable, Sendable {
    /// How many are kept in full, so that a state stays small however odd its request is.
    public static let firstCountMax = 16

    /// One count for each kind, in the order of their numbers.
    var counts = [UInt64](repeating: 0, count: PipelineAnomaly.Kind.allCases.count)
    /// The first anomalies, in the order of their events.
    public internal(set) var first: [PipelineAnomaly] = []

    public init() {}

    public var isEmpty: Bool { first.isEmpty }

    /// How many anomalies there are of all kinds.
    public var totalCount: UInt64 { counts.reduce(0, &+) }

    /// How many anomalies there are of one kind.
    public subscript(kind: PipelineAnomaly.Kind) -> UInt64 { counts[Int(kind.rawValue)] }

    mutating func add(
        _ kinds: PipelineAnomaly.Kinds,
        at sequence: SequenceNumber,
        of number: Int64?
    ) {
        guard !kinds.isEmpty else { return }
        for kind in kinds.all {
            counts[Int(kind.rawValue)] &+= 1
            guard first.count < Self.firstCountMax else { continue }
            first.append(PipelineAnomaly(kind: kind, sequence: sequence, sourceNumber: number))
        }
    }
}
