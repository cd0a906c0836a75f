internal import ArgumentParser
internal import CairnCore
public import CairnIncident

/// The verbs of the incident tool over the streams of your own machines.
///
/// ```swift
/// let tool = IncidentTool(BoxOffice(), name: "tickets incident")
/// exit(await tool.run(Array(CommandLine.arguments.dropFirst(2))))
/// ```
///
/// `list`, `tail`, `bisect`, `report` and `conformance` look at all streams of a machine, `state`,
/// `timeline`, `explore`, `diff`, `bisect`, `what-if` and `report` at those that are named by their
/// keys; `bundle` and `testcase` write what they show to a journal that can be given away and to a
/// Swift test. A tool that is given an old machine and a new one (``comparing(_:to:_:)``) has
/// `compare` besides. All take `--journal` (or `CAIRN_JOURNAL`), `--as-of` and
/// `--format text|json`, and end with the exit codes of the `cairn` tool: 0 fine, 1 a finding of
/// `--check` or of `compare`, 64 usage, 65 bad input data, 66 no such journal, key or event, 74
/// input/output. None of them writes to the journal.
public struct IncidentTool: Sendable {
    /// What the tool is called, in its help and before its errors.
    public let name: String
    let machines: [any InspectableMachine]
    /// What `compare` holds against each other.
    var comparisons: [any ComparedMachines] = []

    /// The tool that runs.
    @TaskLocal static var current: IncidentTool?

    /// Makes a tool for some machines.
    ///
    /// - Parameters:
    ///   - machine: The machine that is asked unless `--machine` names another.
    ///   - others: Further machines, known by the kinds of their streams.
    ///   - name: What the tool is called, such as `tickets incident`.
    public init(
        _ machine: any InspectableMachine,
        _ others: any InspectableMachine...,
        name: String
    ) {
        machines = [machine] + others
        self.name = name
    }

    /// Runs a verb, which prints to standard output, and its errors to standard error.
    ///
    /// Handles the traps of the process as the `cairn` tool does: where a read meets damage that
    /// stops it, the process ends with one clear line and exit code 74.
    ///
    /// - Parameter arguments: The command line behind the tool's name.
    /// - Returns: The exit code.
    public func run(_ arguments: [String]) async -> Int32 {
        Terminal.claimStreams()
        Signals.install()
        return await perform(arguments)
    }

    /// Runs a verb and keeps what it prints, as for a test.
    ///
    /// - Parameter arguments: The command line behind the tool's name.
    /// - Returns: What it printed, and the exit code.
    public func captured(_ arguments: [String]) async -> CapturedRun {
        let pages = CapturedPages()
        let status = await captured(arguments, in: pages)
        return CapturedRun(status: status, output: pages.output, error: pages.error)
    }

    /// Runs a verb and keeps what it prints where it can be looked at meanwhile.
    func captured(_ arguments: [String], in pages: CapturedPages) async -> Int32 {
        await Terminal.$captured.withValue(pages) { await perform(arguments) }
    }

    private func perform(_ arguments: [String]) async -> Int32 {
        await Self.$current.withValue(self) {
            await Tool.run(IncidentCommand.self, named: name, arguments)
        }
    }
}

/// One run of a tool whose output was kept.
public struct CapturedRun: Hashable, Sendable {
    /// The exit code.
    public let status: Int32
    /// What went to standard output.
    public let output: String
    /// What went to standard error.
    public let error: String
}

/// The verbs that any machine has.
struct IncidentCommand: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: IncidentTool.current?.name ?? "incident",
            abstract: "Looks into the histories of a journal.",
            discussion: """
                Reading never changes a journal. Exit codes: 0 fine, 1 a finding of --check or of \
                compare, 64 usage, 65 bad input data, 66 no such journal, key or event, 74 \
                input/output.
                """,
            subcommands: verbs
        )
    }

    private static var verbs: [any ParsableCommand.Type] {
        let verbs: [any ParsableCommand.Type] = [
            MachineListVerb.self, MachineStateVerb.self, MachineTimelineVerb.self,
            MachineExploreVerb.self, MachineTailVerb.self, MachineDiffVerb.self,
            MachineBisectVerb.self, MachineWhatIfVerb.self, MachineConformanceVerb.self,
            MachineReportVerb.self, MachineBundleVerb.self, MachineTestcaseVerb.self,
        ]
        let isComparing = IncidentTool.current?.comparisons.isEmpty == false
        return verbs + (isComparing ? [MachineCompareVerb.self] : [])
    }
}

/// A verb that any machine has: it is run on the one that the command line chooses.
protocol MachineVerb: AsyncParsableCommand {
    var read: MachineOptions { get }

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws
}

extension MachineVerb {
    func run() async throws {
        try await open(try read.chosen())
    }

    private func open(_ machine: some InspectableMachine) async throws {
        try await run(on: MachineSubject(try read.sight.open(), machine))
    }
}

/// Which machine, and which journal up to which moment.
struct MachineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which machine, by the kind of its streams, where there are several.",
            valueName: "kind"
        ),
        completion: .list(IncidentTool.current?.machines.map(\.streamKind.name) ?? [])
    )
    var machine: String?

    @OptionGroup var sight: SightOptions

    func chosen() throws(CommandFailure) -> any InspectableMachine {
        try chosen(among: IncidentTool.current?.machines ?? [], by: { $0.streamKind })
    }

    /// The first of some, or the one that is named by the kind of its streams.
    func chosen<Choice>(
        among choices: [Choice],
        by kind: (Choice) -> StreamKind
    ) throws(CommandFailure) -> Choice {
        let found = choices.first { known in
            machine.map { kind(known).name.utf8.elementsEqual($0.utf8) } ?? true
        }
        guard let found else {
            let kinds = choices.map { kind($0).name }.joined(separator: ", ")
            throw CommandFailure(.usage, "--machine must be one of \(kinds)")
        }
        return found
    }
}
