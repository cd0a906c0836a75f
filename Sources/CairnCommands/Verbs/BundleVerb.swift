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

    @OptionGroup var making: BundleMakingOptions

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
        let options = try making.options()
        let folder = try BundleFolder(
            path: making.output,
            besides: try JournalOptions.path(read.sight.givenPath)
        )
        let open = try await read.open()
        let selection = try await content.selection(in: open, now: clock.now ?? open.now)
        let bundle: IncidentBundle
        do throws(BundleError) {
            bundle = try await IncidentBundle(of: selection, in: open.requests, open.items, options)
        } catch {
            throw CommandFailure(error, path: open.path, output: making.output)
        }
        let manifest = BundleManifest(bundle, options, madeAt: .now())
        let definition = try await definition(in: open, recordedAt: bundle.beginsAt)
        let withheldCount = try await folder.make(
            bundle,
            manifest,
            definition: definition,
            from: open.path
        )
        try print(manifest, folder.path, withheldCount)
        folder.noteLeftovers()
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
            making.keepPayloads ? text : PipelineFile.withoutDescriptions(text),
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
        details.add(whatIsKept: manifest)
        try details.print(as: read.format)
    }
}
