internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnServices

/// A part of the journal that can be given away.
struct BundleVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Writes requests, items and jobs to a journal of their own, without their texts.",
        discussion: """
            The bundle is a journal that every verb reads. Each text in it is replaced by a stand-in \
            such as request-7f3a9c21, the same one for the same text; what the pipeline definition \
            names stays, and so do numbers, except those of more than four digits in JSON. All times \
            are moved back by one span, between one and ten years. Both come from a key that is made \
            for the bundle and thrown away, unless --key-file gives one: bundles of one key agree.

            Requests that are named are in it beside those that the options choose. Of an item its \
            customer's list goes along, and of a job its items. Left out, and counted, are the \
            leases of the requests' retries, what is kept under providers' references to the items, \
            and all system events; left out are prompts and touches, too. Events that were erased or \
            removed, and such as this cairn does not know, are there without content.

            Exit codes: 64 where nothing is chosen, 65 where the place is taken or a request was \
            removed, 66 where something is not in the journal.
            """
    )

    @OptionGroup var content: BundleContentOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The bundle's folder, which must not exist.", valueName: "path")
    )
    var output: String

    @Option(
        help: ArgumentHelp(
            "The key of the stand-ins: a file of at least 32 bytes, to be kept secret.",
            valueName: "file"
        )
    )
    var keyFile: String?

    @Flag(help: "Keep everything as it is: names, texts and times.")
    var keepPayloads = false

    @Flag(help: "Keep times.")
    var keepTimes = false

    @Flag(help: "Keep all numbers.")
    var keepNumbers = false

    @OptionGroup var read: ReadOptions

    @OptionGroup var clock: ClockOptions

    func validate() throws {
        guard !content.isEmpty else {
            throw ValidationError(
                "nothing is chosen; name requests, or give --where, --incident, --key or --job"
            )
        }
    }

    func run() async throws {
        let options = try options()
        let folder = try BundleFolder(path: output)
        let open = try await read.open()
        let selection = try await content.selection(in: open, now: clock.now ?? open.now)
        let bundle: IncidentBundle
        do throws(BundleError) {
            bundle = try await IncidentBundle(of: selection, in: open.requests, open.items, options)
        } catch {
            throw CommandFailure(error, path: open.path, output: output)
        }
        let manifest = BundleManifest(bundle, options, madeAt: .now())
        let definition = try await definition(in: open, recordedAt: bundle.beginsAt)
        Signals.catchInterrupts()
        let withheldCount = try await folder.make { journal async throws(CommandFailure) in
            do throws(BundleError) {
                return try await BundleWriter.write(
                    bundle,
                    manifest,
                    definition: definition,
                    to: journal,
                    shouldStop: { Signals.isInterrupted }
                )
            } catch {
                throw CommandFailure(error, path: open.path, output: output)
            }
        }
        try print(manifest, folder.path, withheldCount)
        for path in folder.leftovers() {
            Terminal.note(
                "cairn: bundle: \(Terminal.printable(path)) is left of one that was killed; "
                    + "it may be removed"
            )
        }
    }

    private func options() throws(CommandFailure) -> BundleOptions {
        var options = BundleOptions(key: try key())
        options.keepsPayloads = keepPayloads
        options.keepsTimes = keepPayloads || keepTimes
        options.keepsNumbers = keepPayloads || keepNumbers
        return options
    }

    private func key() throws(CommandFailure) -> [UInt8] {
        guard let keyFile else {
            var numbers = SystemRandomNumberGenerator()
            return (0..<BundleOptions.keyByteCount).map { _ in
                UInt8.random(in: .min ... .max, using: &numbers)
            }
        }
        let key = try FileBytes.read(keyFile)
        guard key.count >= BundleOptions.keyByteCount else {
            throw CommandFailure(
                .badInput,
                "\(keyFile) has \(Wording.counted(key.count, "byte")); a key has at least "
                    + "\(BundleOptions.keyByteCount): 'head -c 32 /dev/urandom > FILE' makes one"
            )
        }
        return key
    }

    /// The pipeline definition that the bundle's requests are to be read by.
    private func definition(
        in open: OpenView,
        recordedAt: Timestamp
    ) async throws(CommandFailure) -> StreamAppend? {
        let text: [UInt8]?
        if let path = read.pipeline {
            text = try FileBytes.read(path)
        } else {
            text = try await PipelineFile.remembered(by: open.journal, upTo: open.bound)
        }
        guard let text else { return nil }
        return try PipelineFile.append(
            keepPayloads ? text : PipelineFile.withoutDescriptions(text),
            recordedAt: recordedAt
        )
    }

    private func print(
        _ manifest: BundleManifest,
        _ path: String,
        _ withheldCount: Int
    ) throws(CommandFailure) {
        var details = Details()
        details.add("path", .text(path))
        details.add("request_count", .integer(Int64(manifest.counts.requests)))
        details.add("item_count", .integer(Int64(manifest.counts.items)))
        details.add("job_count", .integer(Int64(manifest.counts.jobs)))
        details.add("event_count", .integer(Int64(manifest.counts.events)))
        details.add(
            "withheld_count",
            .integer(Int64(withheldCount)),
            isInText: withheldCount > 0
        )
        let leftOut = manifest.counts.leftOut
        for (name, count) in [
            ("left_out_lease_count", leftOut.leases),
            ("left_out_reference_count", leftOut.references),
            ("left_out_system_event_count", leftOut.systemEvents),
        ] {
            details.add(name, .integer(Int64(count)), isInText: count > 0)
        }
        details.add("names", .text(manifest.keepsPayloads ? "kept" : "keyed"))
        details.add("times", .text(manifest.keepsTimes ? "kept" : "moved"))
        details.add("numbers", .text(manifest.keepsNumbers ? "kept" : "keyed"))
        try details.print(as: read.format)
    }
}

extension CommandFailure {
    fileprivate init(_ error: BundleError, path: String, output: String) {
        switch error {
        case .incident(let error): self.init(error, path: path)
        case .removed: self.init(.badInput, error.description)
        case .unknownJob(let name): self = .noJob(name, in: path)
        case .timeOutOfRange: self.init(.badInput, "\(error); give --keep-times")
        case .tooLarge: self.init(.badInput, error.description)
        case .repetition:
            self.init(.inputOutput, "\(error); check the journal with 'cairn verify'")
        case .target(let error): self.init(target: error, path: output)
        case .stopped: self.init(.interrupted, "interrupted; nothing was made")
        }
    }
}
