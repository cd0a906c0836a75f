import CairnCore
public import CairnTesting

/// A small engine with one bug that can be switched on, and the one case to which every failure
/// of it should come down.
///
/// The case is worked out by hand, never copied from a report; `reason` is that work. Of two cases
/// the one with fewer choices is simpler: a step costs two and what it draws. Of two as long the
/// one whose first difference is the smaller number is simpler; a rule's number is its place.
public struct GallerySubject: Sendable, CustomStringConvertible {
    /// Which part of the harness looks for the bug.
    public enum Kind: String, Sendable, CaseIterable {
        case property, deliveries, rules, machine, exploration, schedule
    }

    public let name: String
    public let kind: Kind
    /// The minimal case: values, then steps, then notes, as ``GalleryFind`` writes them.
    public let minimal: [String]
    /// Cases from which no pass leads on, though they are not minimal; empty but for honesty.
    public var others: [[String]] = []
    /// Why no case is simpler.
    let reason: String
    /// Looks for what is wrong with the engine, with the bug or without.
    let search: @Sendable (_ hasBug: Bool, PropertySettings, GallerySite) async throws -> Void
    /// How many states lie as near as the bug of an exploration.
    var nearStateCount: @Sendable () throws -> Int = { 0 }

    public var description: String { name }

    /// Checks what the engine should do, at the line of the call.
    ///
    /// - Throws: ``PropertyError``; of an exploration ``BrokenState``.
    public func check(
        hasBug: Bool = true,
        settings: PropertySettings = PropertySettings(seed: 1),
        fileID: String = #fileID,
        filePath: String = #filePath,
        line: Int = #line,
        function: String = #function
    ) async throws {
        let site = GallerySite(fileID: fileID, filePath: filePath, line: line, function: function)
        try await search(hasBug, settings, site)
    }

    /// What a check finds: nil where what it looks at holds.
    public func find(hasBug: Bool, settings: PropertySettings) async throws -> GalleryFind? {
        do {
            try await check(hasBug: hasBug, settings: settings)
            return nil
        } catch PropertyError.falsified(let report) {
            return GalleryFind(report)
        } catch let broken as BrokenState {
            return GalleryFind(broken, stateCount: try nearStateCount())
        }
    }
}

extension GallerySubject {
    public static let all =
        containers + storage + editing + machines + protocols + recovery + delivery + time
        + text + numbers + concurrency
}

/// Where a subject is checked.
struct GallerySite: Sendable {
    let fileID: String
    let filePath: String
    let line: Int
    let function: String
}

/// What was found wrong with a subject.
public struct GalleryFind: Sendable, Equatable {
    /// How many cases ran until one failed, that one included.
    public let caseCount: Int
    /// How often the property ran to make the failure simpler.
    public let shrinkCount: Int
    /// How many different failures a report tells of.
    public let failureCount: Int
    /// How many choices the minimal case makes; of an exploration, how many commands it has.
    public let size: Int
    public let lines: [String]

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
            settings,
            site in
            try synchronously(name, settings, site) { draw in try property(hasBug, &draw) }
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
        self.init(name: name, kind: .rules, minimal: minimal, reason: reason) {
            hasBug,
            settings,
            site in
            try CairnTesting.check(
                name,
                startingWith: context(hasBug),
                rules: rules,
                invariants: invariants,
                settings: settings,
                fileID: site.fileID,
                filePath: site.filePath,
                line: site.line,
                function: site.function
            )
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
        self.init(name: name, kind: .rules, minimal: minimal, reason: reason) {
            hasBug,
            settings,
            site in
            try await CairnTesting.check(
                name,
                startingWith: context(hasBug),
                rules: asyncRules,
                settings: settings,
                fileID: site.fileID,
                filePath: site.filePath,
                line: site.line,
                function: site.function
            )
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
        self.init(name: name, kind: .machine, minimal: minimal, reason: reason) {
            hasBug,
            settings,
            site in
            try CairnTesting.check(
                name,
                machine: machine(hasBug),
                commands: commands,
                invariants: [invariant],
                settings: settings,
                fileID: site.fileID,
                filePath: site.filePath,
                line: site.line,
                function: site.function
            )
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
        // As far as the way to the bug is long.
        let depthMax = minimal.count
        self.init(name: name, kind: .exploration, minimal: minimal, reason: reason) {
            hasBug,
            _,
            _ in
            _ = try explore(
                machine(hasBug),
                with: commands,
                depthMax: depthMax,
                invariants: [invariant]
            )
        }
        nearStateCount = {
            try explore(machine(true), with: commands, depthMax: depthMax).stateCount
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
        self.init(name: name, kind: .schedule, minimal: minimal, reason: reason) {
            hasBug,
            settings,
            site in
            try await CairnTesting.check(
                name,
                scheduled: schedule,
                settings: settings,
                fileID: site.fileID,
                filePath: site.filePath,
                line: site.line,
                function: site.function
            ) { draw in
                try await property(hasBug, &draw)
            }
        }
    }
}

/// Of the two checks the one that does not wait.
private func synchronously(
    _ name: String,
    _ settings: PropertySettings,
    _ site: GallerySite,
    _ body: (inout Draw) throws -> Void
) throws {
    try check(
        name,
        settings: settings,
        fileID: site.fileID,
        filePath: site.filePath,
        line: site.line,
        function: site.function,
        body
    )
}

/// What an engine throws that does not do what it should.
struct Wrong: Error {}
