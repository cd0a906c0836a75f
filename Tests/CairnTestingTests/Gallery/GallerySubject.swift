import CairnCore
import CairnTesting

/// A small engine with one bug that can be switched on, and the one case to which every failure
/// of it should come down.
///
/// The case is worked out by hand, never copied from a report; `reason` is that work. Of two cases
/// the one with fewer choices is simpler: a step costs two and what it draws. Of two as long the
/// one whose first difference is the smaller number is simpler; a rule's number is its place.
struct GallerySubject: Sendable, CustomStringConvertible {
    /// Which part of the harness looks for the bug.
    enum Kind: String, Sendable, CaseIterable {
        case property, deliveries, rules, machine, exploration, schedule
    }

    let name: String
    let kind: Kind
    /// The minimal case: values, then steps, then notes, as ``GalleryFind`` writes them.
    let minimal: [String]
    /// Cases from which no pass leads on, though they are not minimal; empty but for honesty.
    var others: [[String]] = []
    /// Why no case is simpler.
    let reason: String
    /// Looks for what is wrong with the engine, with the bug or without.
    let look: @Sendable (_ hasBug: Bool, _ seed: UInt64) async throws -> GalleryFind?

    var description: String { name }
}

/// What was found wrong with a subject.
struct GalleryFind: Sendable, Equatable {
    /// How many cases ran until one failed, that one included.
    let caseCount: Int
    /// How often the property ran to make the failure simpler.
    let shrinkCount: Int
    /// How many different failures a report tells of.
    let failureCount: Int
    /// How many choices the minimal case makes; of an exploration, how many commands it has.
    let size: Int
    let lines: [String]

    init(_ report: PropertyReport) {
        caseCount = report.passedCount + 1
        shrinkCount = report.shrinkExecutionCount
        failureCount = report.failures.count
        size = report.failures[0].choiceCount
        lines = report.failures[0].galleryLines
    }

    init(_ broken: BrokenState, stateCount: Int) {
        caseCount = stateCount
        shrinkCount = 0
        failureCount = 1
        size = broken.commands.count
        lines = broken.commands
    }

    /// What a check finds: nil where what it looks at holds.
    static func of(
        _ check: () async throws(PropertyError) -> PropertySummary
    ) async throws(PropertyError) -> GalleryFind? {
        do {
            _ = try await check()
            return nil
        } catch {
            guard case .falsified(let report) = error else { throw error }
            return GalleryFind(report)
        }
    }
}

extension MinimalFailure {
    /// Values, steps with what they drew, and notes; one in a line.
    fileprivate var galleryLines: [String] {
        func text(_ value: DrawnValue) -> String {
            (value.name.map { "\($0): " } ?? "") + value.text
        }
        let own = values.filter { $0.step == nil }.map(text)
        let steps = steps.enumerated().map { index, step in
            let drawn = values.filter { $0.step == index }.map(text)
            return "\(step)(\(drawn.joined(separator: ", ")))"
        }
        return own + steps + notes
    }
}

extension GallerySubject {
    /// An engine about which a property says what it should do.
    init(
        _ name: String,
        kind: Kind = .property,
        minimal: [String],
        others: [[String]] = [],
        reason: String,
        property: @escaping @Sendable (_ hasBug: Bool, inout Draw) throws -> Void
    ) {
        self.init(name: name, kind: kind, minimal: minimal, others: others, reason: reason) {
            hasBug,
            seed in
            try await GalleryFind.of { () throws(PropertyError) in
                try synchronously(name, PropertySettings(seed: seed)) { draw in
                    try property(hasBug, &draw)
                }
            }
        }
    }

    /// An engine that rules drive beside a model.
    init<Context>(
        _ name: String,
        minimal: [String],
        reason: String,
        startingWith context: @escaping @Sendable (_ hasBug: Bool) -> Context,
        rules: [Rule<Context>],
        invariants: [Invariant<Context>] = []
    ) {
        self.init(name: name, kind: .rules, minimal: minimal, reason: reason) { hasBug, seed in
            try await GalleryFind.of { () throws(PropertyError) in
                try check(
                    name,
                    startingWith: context(hasBug),
                    rules: rules,
                    invariants: invariants,
                    settings: PropertySettings(seed: seed)
                )
            }
        }
    }

    /// An engine that waits, which rules drive beside a model.
    init<Context>(
        _ name: String,
        minimal: [String],
        reason: String,
        startingWith context: @escaping @Sendable (_ hasBug: Bool) -> Context,
        asyncRules: [AsyncRule<Context>]
    ) {
        self.init(name: name, kind: .rules, minimal: minimal, reason: reason) { hasBug, seed in
            try await GalleryFind.of { () async throws(PropertyError) in
                try await check(
                    name,
                    startingWith: context(hasBug),
                    rules: asyncRules,
                    settings: PropertySettings(seed: seed)
                )
            }
        }
    }

    /// A machine under drawn commands.
    init<Rules: Machine>(
        _ name: String,
        minimal: [String],
        reason: String,
        machine: @escaping @Sendable (_ hasBug: Bool) -> Rules,
        commands: Generator<Rules.Command>,
        invariant: Invariant<Rules.State>
    ) {
        self.init(name: name, kind: .machine, minimal: minimal, reason: reason) { hasBug, seed in
            try await GalleryFind.of { () throws(PropertyError) in
                try check(
                    name,
                    machine: machine(hasBug),
                    commands: commands,
                    invariants: [invariant],
                    settings: PropertySettings(seed: seed)
                )
            }
        }
    }

    /// A machine all of whose states are gone through; the seed makes no difference.
    init<Rules: Machine>(
        _ name: String,
        minimal: [String],
        reason: String,
        exploring machine: @escaping @Sendable (_ hasBug: Bool) -> Rules,
        with commands: [Rules.Command],
        invariant: Invariant<Rules.State>
    ) where Rules.Command: Sendable {
        self.init(name: name, kind: .exploration, minimal: minimal, reason: reason) { hasBug, _ in
            let depthMax = minimal.count
            // As far as the way to the bug is long, and how many states lie so near.
            let rules = machine(hasBug)
            do {
                _ = try explore(
                    rules,
                    with: commands,
                    depthMax: depthMax,
                    invariants: [invariant]
                )
                return nil
            } catch let broken as BrokenState {
                let near = try explore(rules, with: commands, depthMax: depthMax)
                return GalleryFind(broken, stateCount: near.stateCount)
            }
        }
    }

    /// An engine whose jobs take drawn turns.
    init(
        _ name: String,
        minimal: [String],
        reason: String,
        schedule: Schedule,
        property: @escaping @Sendable (_ hasBug: Bool, inout Draw) async throws -> Void
    ) {
        self.init(name: name, kind: .schedule, minimal: minimal, reason: reason) { hasBug, seed in
            try await GalleryFind.of { () async throws(PropertyError) in
                try await check(
                    name,
                    scheduled: schedule,
                    settings: PropertySettings(seed: seed)
                ) { draw in
                    try await property(hasBug, &draw)
                }
            }
        }
    }
}

/// Of the two checks the one that does not wait.
private func synchronously(
    _ name: String,
    _ settings: PropertySettings,
    _ body: (inout Draw) throws -> Void
) throws(PropertyError) -> PropertySummary {
    try check(name, settings: settings, body)
}

/// What an engine throws that does not do what it should.
struct Wrong: Error {}
