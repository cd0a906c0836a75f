public import CairnDomains

/// A way in which a request can leave the path that its definition declares, or in which its rows
/// can be odd.
///
/// `Specs/Conformance.md` defines each.
public enum DepartureKind: Hashable, Sendable, CaseIterable {
    /// What the machine found odd about an event when it came.
    case anomaly(PipelineAnomaly.Kind)
    /// A stage was entered, and another that every declared way to it goes through has no event.
    case skippedStage
    /// A request rested on an event for longer than its stage may take.
    case deadlineOverrun
    /// A request stopped, and no event of it says that it ended.
    case noTerminalEvent
    /// An event came that the declared path of its machine does not have there; pipelines have
    /// finer words for it.
    case undeclaredStep

    public static let allCases: [DepartureKind] = ofPipelines + [.undeclaredStep]

    /// The kinds that requests show; streams of a machine with a declared path show
    /// ``undeclaredStep`` and `unknown_event_type`.
    public static let ofPipelines: [DepartureKind] =
        PipelineAnomaly.Kind.allCases.map { .anomaly($0) }
        + [.skippedStage, .deadlineOverrun, .noTerminalEvent]

    /// The name that output shows, such as `skipped_stage`.
    public var name: String {
        switch self {
        case .anomaly(let kind): kind.name
        case .skippedStage: "skipped_stage"
        case .deadlineOverrun: "deadline_overrun"
        case .noTerminalEvent: "no_terminal_event"
        case .undeclaredStep: "undeclared_step"
        }
    }

    /// Whether it says that the request left its path, and not only that its rows are odd.
    ///
    /// A late row or a word that a source spells in its own way says nothing of what happened.
    public var isOfPath: Bool {
        switch self {
        case .skippedStage, .deadlineOverrun, .noTerminalEvent, .undeclaredStep: true
        case .anomaly(let kind): kind.isOfPath
        }
    }

    /// Its place among all kinds, by which they are listed.
    var number: Int {
        switch self {
        case .anomaly(let kind): Int(kind.rawValue)
        case .skippedStage: PipelineAnomaly.Kind.allCases.count
        case .deadlineOverrun: PipelineAnomaly.Kind.allCases.count + 1
        case .noTerminalEvent: PipelineAnomaly.Kind.allCases.count + 2
        case .undeclaredStep: PipelineAnomaly.Kind.allCases.count + 3
        }
    }
}

extension PipelineAnomaly.Kind {
    /// Whether it is about the way of a request, and not about how its rows were recorded.
    var isOfPath: Bool {
        switch self {
        case .missingStart, .attemptRegression, .afterTerminal, .reopened, .unknownStage,
            .unknownEventType, .outOfOrderStage:
            true
        case .lateRow, .duplicateNumber, .clockInversion, .unknownStatus, .tenantMismatch,
            .statusContradiction:
            false
        }
    }
}

extension PipelineAnomaly.Kinds {
    /// Whether one of them is about the way of a request.
    var areOfPath: Bool {
        PipelineAnomaly.Kind.allCases.contains { $0.isOfPath && contains($0) }
    }
}
