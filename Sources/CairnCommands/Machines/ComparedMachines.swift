internal import CairnCore
public import CairnIncident

/// An old machine and a new one, which `compare` holds against each other.
protocol ComparedMachines: Sendable {
    var streamKind: StreamKind { get }

    /// Compares them on a journal.
    ///
    /// - Throws: ``CommandFailure``, with exit code 1 where they differ.
    func compare(_ options: MachineCompareVerb, on sight: OpenSight) async throws
}

/// A pair whose types are known.
struct MachinePairing<Old: InspectableMachine, New: InspectableMachine>: ComparedMachines {
    let old: Old
    let new: New
    let configure: @Sendable (inout MachineComparison<Old, New>) -> Void

    var streamKind: StreamKind { old.streamKind }

    func compare(_ options: MachineCompareVerb, on sight: OpenSight) async throws {
        var comparison = MachineComparison(sight.journal, from: old, to: new, asOf: sight.bound)
        configure(&comparison)
        try await options.run(comparison, on: MachineSubject(sight, old))
    }
}

extension IncidentTool {
    /// The tool with a verb `compare`, which holds an old machine against a new one over all
    /// streams of a journal and ends with exit code 1 where they differ, as a check before a
    /// deploy.
    ///
    /// ```swift
    /// let tool = IncidentTool(BoxOffice(), name: "tickets incident")
    ///     .comparing(BoxOffice(), to: NewBoxOffice()) { $0.isInFlight = { old, _ in !old.isOver } }
    /// ```
    ///
    /// - Parameters:
    ///   - old: The rules that run.
    ///   - new: The rules that will. Of several pairs, `--machine` names one by the kind of its
    ///     streams; the first is compared unless it does.
    ///   - configure: Says more about the comparison, such as which streams have not ended.
    /// - Returns: The tool.
    public func comparing<Old: InspectableMachine, New: InspectableMachine>(
        _ old: Old,
        to new: New,
        _ configure: @escaping @Sendable (inout MachineComparison<Old, New>) -> Void = { _ in }
    ) -> IncidentTool {
        var tool = self
        tool.comparisons.append(MachinePairing(old: old, new: new, configure: configure))
        return tool
    }
}
