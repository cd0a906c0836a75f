internal import ArgumentParser
internal import CairnCore
internal import CairnDomains
internal import CairnIncident
internal import CairnJournal
internal import CairnLMDB
internal import CairnTesting

/// A test made of what happened to a request.
struct TestcaseVerb: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "testcase",
        abstract: "Writes a Swift test that shows what a request shows, with few of its events.",
        discussion: """
            The test is about the request's anomalies, or else about the failure in which it ends, or \
            about what --keep says. Events, and then what is in them, are left out as long as that \
            stays and nothing else becomes odd. Ids, tenants, errors, metadata and all other texts \
            that the pipeline definition does not name are replaced, and times are moved; numbers \
            stay. The test needs nothing but 'import Cairn'.

            Exit codes: 64 where nothing is unusual and --keep is needed, 65 where what --keep says \
            does not hold of the request, the request was removed after --as-of, or the file exists.
            """
    )

    @Argument(help: "The request's pagw_id.")
    var request: String

    @Option(
        help: ArgumentHelp(
            "What the test is to show, such as 'status == FAILED && attempt > 3': of the fields "
                + "that 'requests --where' knows, and the columns of the current event.",
            valueName: "predicate"
        )
    )
    var keep: String?

    @OptionGroup var target: TestFileOptions
    @OptionGroup var read: ReadOptions

    @OptionGroup var clock: ClockOptions

    func run() async throws {
        let predicate: Predicate<CaseStanding>? = try Arguments.predicate(keep, of: "--keep")
        let file = try target.file(besides: JournalOptions.path(read.sight.givenPath))
        let open = try await read.open()
        let timeline = try await timeline(in: open)
        try await requireNotRemoved(in: open)
        let test: RequestTest
        let isMinimal: Bool
        do throws(RequestCaseError) {
            let story = try RequestCase(
                timeline,
                definition: open.requests.definition,
                now: clock.now ?? open.now,
                keeping: predicate
            )
            let least = Reduction(
                of: story.rows,
                partCount: \.partCount,
                keeping: { $0.keeping($1) },
                workCountMax: WrittenTest.foldedEventCountMax,
                while: { story.shows($0) }
            )
            test = try story.test(of: least.elements, isMinimal: least.isMinimal)
            isMinimal = least.isMinimal
        } catch {
            throw CommandFailure(error)
        }
        try target.write(
            WrittenTest(
                suiteName: test.suiteName,
                source: test.source,
                facts: test.facts,
                wholeCount: timeline.entries.count,
                keptCount: test.events.count,
                isMinimal: isMinimal
            ),
            to: file,
            read.format,
            as: "cairn"
        )
        open.noteRemovals("testcase", of: request, eventCount: timeline.removedCount)
    }

    /// What happened to the request; of a name that is another thing's it is said what it is.
    private func timeline(in open: OpenView) async throws(CommandFailure) -> Timeline {
        do throws(IncidentError) {
            return try await open.requests.timeline(of: request)
        } catch {
            if case .unknownRequest = error, let thing = try otherThing(in: open) {
                throw CommandFailure(
                    .badInput,
                    "\(request) is \(thing) and no request of a pipeline; tests are made of those"
                )
            }
            throw CommandFailure(error, path: open.path)
        }
    }

    /// What leaves for others respects removals, also those after the moment that is looked at.
    private func requireNotRemoved(in open: OpenView) async throws(CommandFailure) {
        let requests = open.requests
        let isRemoved = try await reading(open.path) { () async throws(IncidentError) in
            let machine = RequestMachine(requests.definition)
            let view = MachineView(open.journal, machine, asOf: requests.asOf)
            return try await view.isRemovedLater(try view.stream(request))
        }
        guard isRemoved else { return }
        throw CommandFailure(
            .badInput,
            "request \(request) was removed, and what was removed goes into no test"
        )
    }

    /// Things that are no requests, by the kinds of their streams.
    private static let otherThings: [(kind: StreamKind, name: String)] = [
        (InteractionMessage.streamKind, "an interaction"),
        (ItemKey.streamKind, "an idempotency key"),
        (JobMachine.streamKind, "a job"),
        (PromptSessionMachine.streamKind, "a session of a prompt"),
        (TouchMachine.streamKind, "a user of the touch log"),
    ]

    /// What else has the name, with or without its kind in front.
    private func otherThing(in open: OpenView) throws(CommandFailure) -> String? {
        for (kind, name) in Self.otherThings {
            let streams = [
                try? StreamID(kind: kind, key: request),
                (try? StreamID(request)).flatMap { $0.kind == kind ? $0 : nil },
            ]
            for stream in streams.compactMap({ $0 }) {
                do throws(JournalError) {
                    if try open.journal.lastSequence(of: stream) > .zero { return name }
                } catch {
                    throw CommandFailure(error, path: open.path)
                }
            }
        }
        return nil
    }
}

extension CommandFailure {
    fileprivate init(_ error: RequestCaseError) {
        switch error {
        case .nothingUnusual:
            self.init(.usage, "\(error); say with --keep what the test is to show")
        case .notSo: self.init(.badInput, "what --keep says does not hold: \(error)")
        case .timesTooFarApart: self.init(.badInput, error.description)
        }
    }
}
