internal import ArgumentParser
internal import CairnCore
internal import CairnIncident
internal import CairnJournal
internal import CairnTesting

/// A test made of what happened to one stream.
struct MachineTestcaseVerb: MachineVerb {
    static let configuration = CommandConfiguration(
        commandName: "testcase",
        abstract: "Writes a Swift test that shows what a key shows, with few of its events.",
        discussion: """
            Events are left out as long as what --keep says of the state stays. Texts are replaced by \
            text-1, key-1 and so on, but for names of cases and properties and for what the machine \
            calls words of the program; times are moved, and numbers stay. The test has the events as \
            JSON, which the machine has to read, and expects the members of the state that --keep \
            names. It imports the machine's module and Cairn.

            What was removed is in no test, also with --as-of a moment before.

            Exit codes: 64 without --keep, 65 where what --keep says does not hold of the key, where the \
            machine does not take its events with stand-ins, where the key was removed, or where the \
            file exists.
            """
    )

    @Argument(help: "The key.")
    var key: String

    @Option(
        help: ArgumentHelp(
            "What the test is to show, as 'list --where'.",
            valueName: "predicate"
        )
    )
    var keep: String?

    @Option(
        help: ArgumentHelp(
            "How the test makes the machine, such as 'Desk(limit: 3)'; by default without arguments.",
            valueName: "expression"
        )
    )
    var machineSource: String?

    @OptionGroup var target: TestFileOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup var read: MachineOptions

    func validate() throws {
        guard keep == nil else { return }
        throw ValidationError("say with --keep what the test is to show, such as 'attempt > 3'")
    }

    func run<Rules: InspectableMachine>(on subject: MachineSubject<Rules>) async throws {
        guard !subject.isOfCairn else {
            throw CommandFailure(
                .badInput,
                "\(subject.machine.streamKind.name) streams are Cairn's own, and no test is made of "
                    + "them here; 'cairn testcase' makes tests of requests"
            )
        }
        let given: Predicate<Rules.Standing>? = try Arguments.predicate(keep, of: "--keep")
        guard let predicate = given else { return }
        let file = try target.file(besides: subject.path)
        let stream = try subject.stream(key)
        let (history, isRemoved) = try await subject.asking { view throws(IncidentError) in
            (try await view.history(of: stream), try await view.isRemovedLater(stream))
        }
        guard !isRemoved else {
            throw CommandFailure(
                .badInput,
                "\(stream) was removed, and what was removed goes into no test"
            )
        }
        let test: MachineTest
        let isMinimal: Bool
        do throws(MachineCaseError) {
            let story = try MachineCase(
                history,
                of: subject.machine,
                now: clock.now ?? subject.sight.now,
                keeping: predicate
            )
            let least = Reduction(
                of: story.steps,
                workCountMax: WrittenTest.foldedEventCountMax,
                while: { story.shows($0) }
            )
            isMinimal = least.isMinimal
            test = try story.test(
                of: least.elements,
                isMinimal: isMinimal,
                machineSource: machineSource
            )
        } catch {
            throw CommandFailure(error)
        }
        try target.write(
            WrittenTest(
                suiteName: test.suiteName,
                source: test.source,
                facts: test.facts,
                wholeCount: history.steps.count,
                keptCount: test.events.count,
                isMinimal: isMinimal
            ),
            to: file,
            subject.sight.format,
            as: IncidentTool.current?.name ?? "incident"
        )
    }
}

extension CommandFailure {
    fileprivate init(_ error: MachineCaseError) {
        switch error {
        case .notSo: self.init(.badInput, "what --keep says does not hold: \(error)")
        case .notReadable: self.init(.badInput, "\(error); implement its event(from:at:)")
        case .notAnEvent, .otherState:
            self.init(.badInput, "\(error); say with its isWord(_:) which texts stay")
        case .timesTooFarApart: self.init(.badInput, error.description)
        }
    }
}
