internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal

/// Some streams of a machine, as a journal that can be given away.
struct MachineBundleVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Writes keys to a journal of their own, without their texts.",
        discussion: """
            The bundle is a journal that every verb reads. Each event is told as JSON, in which \
            every text is replaced by a stand-in such as text-7f3a9c21, the same one for the \
            same text, also where it is a key; names of cases and properties stay, and so do \
            texts that the machine calls words of the program. Numbers of more than four digits \
            are replaced, too, and all times are moved back by one span, between one and ten \
            years. All of it comes from a secret that is made for the bundle and thrown away, \
            unless --key-file gives one: bundles of one secret agree. Events that were erased or \
            removed, or that the machine passes over, are there without content.

            Before it is given out, each key is folded in both journals: where its state is \
            another one, there is no bundle. The machine has to write its events down and to \
            read them from JSON, except with --keep-payloads.

            Exit codes: 64 where nothing is chosen, 65 where the place is taken, a key was \
            removed, or the machine does not take its events with stand-ins, 66 where a key is \
            not in the journal.
            """
    )

    @Argument(help: "The keys.")
    var keys: [String] = []

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Also the keys of whose state this holds, as 'list --where'.",
            valueName: "predicate"
        )
    )
    var predicate: String?

    @OptionGroup var making: BundleMakingOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var read: MachineOptions

    func validate() throws {
        guard keys.isEmpty, predicate == nil else { return }
        throw ValidationError("nothing is chosen; name keys, or give --where")
    }

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        let options = try making.options()
        let folder = try BundleFolder(path: making.output, besides: subject.path)
        let streams = try await streams(of: subject)
        let path = subject.path
        if options.keepsPayloads {
            let bundle = try await Self.gathered(from: path, making.output) {
                () async throws(BundleError) in
                try await MachineBundle(keeping: streams, in: subject.view)
            }
            try await finish(bundle, options, folder, subject.sight)
        } else if subject.isOfCairn {
            throw CommandFailure(
                .badInput,
                "'cairn bundle' makes bundles of \(subject.machine.streamKind.name) streams; give "
                    + "--keep-payloads to copy them as they are"
            )
        } else if let machine = subject.machine as? any InspectableMachine & StoredMachine {
            try await write(streams, of: machine, options, folder, subject.sight)
        } else {
            throw CommandFailure(
                .badInput,
                "the machine of \(subject.machine.streamKind.name) does not write events down; make "
                    + "it a StoredMachine, or give --keep-payloads"
            )
        }
    }

    /// The streams that are chosen, each known to be there.
    private func streams<Rules>(
        of subject: MachineSubject<Rules>
    ) async throws(CommandFailure) -> [StreamID] {
        var streams: [StreamID] = []
        for key in keys { streams.append(try subject.stream(key)) }
        guard let text = predicate else { return streams }
        let predicate: Predicate<Rules.Standing>? = try Arguments.predicate(text)
        let found = try await subject.asking { view throws(IncidentError) in
            try await view.standings(where: predicate, now: clock.now ?? subject.sight.now)
        }
        guard !found.isEmpty else {
            throw CommandFailure(
                .notFound,
                "no key in \(subject.path) is as --where says; try it with 'list --where'"
            )
        }
        return streams + found.map(\.stream)
    }

    private func write<Rules: InspectableMachine & StoredMachine>(
        _ streams: [StreamID],
        of machine: Rules,
        _ options: BundleOptions,
        _ folder: BundleFolder,
        _ sight: OpenSight
    ) async throws(CommandFailure) {
        let view = MachineView(sight.journal, machine, asOf: sight.bound)
        let bundle = try await Self.gathered(from: sight.path, making.output) {
            () async throws(BundleError) in
            try await MachineBundle(of: streams, in: view, options)
        }
        try await finish(bundle, options, folder, sight)
    }

    private static func gathered<Value>(
        from path: String,
        _ output: String,
        _ body: () async throws(BundleError) -> Value
    ) async throws(CommandFailure) -> Value {
        do throws(BundleError) {
            return try await body()
        } catch {
            throw CommandFailure(error, path: path, output: output)
        }
    }

    private func finish<Rules>(
        _ bundle: MachineBundle<Rules>,
        _ options: BundleOptions,
        _ folder: BundleFolder,
        _ sight: OpenSight
    ) async throws(CommandFailure) {
        let manifest = BundleManifest(bundle, options, madeAt: .now())
        let withheldCount = try await folder.make(bundle, manifest, from: sight.path)
        var details = Details()
        details.add("path", .text(folder.path))
        details.add("key_count", .integer(Int64(manifest.counts.streams)))
        details.add("event_count", .integer(Int64(manifest.counts.events)))
        details.add(
            "withheld_count",
            .integer(Int64(withheldCount)),
            isInText: withheldCount > 0
        )
        details.add(whatIsKept: manifest)
        try details.print(as: sight.format)
        folder.noteLeftovers()
    }
}
