import CairnCore
@testable import CairnDomains
@testable import CairnTesting

/// All of Cairn's machines.
enum LawSubjects {
    static func all() throws -> [any LawQuestions] { try stored() + [pipeline()] }

    static func stored() throws -> [any StoredLawQuestions] {
        [
            try item(), try job(), try retryLease(), try consumer(), try session(), try touch(),
            try touchQueue(), try truncation(), try reference(),
        ]
    }

    /// Values that a function makes of a seed.
    private static func seeded<Value>(
        _ make: @escaping @Sendable (inout SeededGenerator) -> Value
    ) -> Generator<Value> {
        Generator<UInt64>.integer().map { seed in
            var generator = SeededGenerator(seed: seed)
            return make(&generator)
        }
    }

    private static func item() throws -> LawSubject<HeldItem> {
        LawSubject(
            machine: HeldItem(),
            commands: ItemTransitionTests.commands,
            events: seeded { generator in
                ItemEvent(RandomItem.fact(&generator), at: RandomItem.instant(&generator))
            },
            eventCount: { Int($0.eventCount) },
            reading: TransitionReading(
                cell: ItemReading.reading.cell,
                answer: ItemReading.reading.answer
            ),
            tables: try SpecifiedTables("Item"),
            isRepeatable: { command in
                switch command {
                case .begin, .note, .release, .settle: true
                default: false
                }
            },
            digest: "e8a3a140f50f11217017b6f736c3c7c7b17cd4a0f7aebac8f6ade47312462a5e"
        )
    }

    private static func job() throws -> LawSubject<JobMachine> {
        LawSubject(
            machine: JobMachine(),
            commands: JobTableTests.commands.map(\.command),
            events: .sampled(
                from: JobTableTests.standings.flatMap(\.facts)
                    .map { JobEvent($0, at: JobTableTests.now) }
            ),
            eventCount: { Int($0.eventCount) },
            reading: JobTableTests.reading,
            tables: try SpecifiedTables("Job"),
            isRepeatable: { command in
                switch command {
                case .pause, .resume, .cancel, .settleBlock: true
                case .beginRun, .endRun: false
                }
            },
            digest: "1fcafd4774a9088a3904fc527be6fd50616690b5b62ceb7335589fc138b2eddb"
        )
    }

    private static func retryLease() throws -> LawSubject<RetryLeaseMachine> {
        let numbers = Generator<Int64>.sampled(from: [0, 1, 2, -1, .max, .min])
        return LawSubject(
            machine: RetryLeaseMachine(),
            commands: RetryLeaseTransitionTests.wishes,
            events: Generator<(Int64, Int64)>.tuple(numbers, numbers).map { first, second in
                var grant = RetryLeaseTableTests.granted(takeoverCount: first).grant
                grant.stage = second == 0 ? "SUBMISSION" : "VALIDATION"
                grant.attempt = second
                grant.worker = WorkerNumber(rawValue: UInt64(bitPattern: second))
                return RetryLeaseMachine.Event(grant: grant, at: .unixEpoch)
            },
            reading: RetryLeaseTableTests.reading,
            tables: try SpecifiedTables("RetryLease"),
            // A holder that says that it is gone itself takes over from itself.
            isRepeatable: { command in
                switch command {
                case .take(let wish): wish.goneWorker != wish.worker
                }
            },
            digest: "1a1c34baa31bbd541cbc6948f9a4a2f25aa2fa71e498078ddcf1f6410e7bc65f"
        )
    }

    private static func consumer() throws -> LawSubject<ConsumerMachine> {
        let place = Generator<UInt64>.integer(in: 0...4).map { Position(rawValue: $0) }
        return LawSubject(
            machine: ConsumerMachine(),
            commands: ConsumerTableTests.commands.map(\.command),
            events: Generator<ConsumerMachine.Event>.one(
                of: Generator<(Position, Timestamp)>.tuple(place, .timestamp())
                    .map { .opened(after: $0.0, at: $0.1) },
                Generator<(Position, Timestamp)>.tuple(place, .timestamp())
                    .map { .advanced(to: $0.0, at: $0.1) }
            ),
            reading: ConsumerTableTests.reading,
            tables: try SpecifiedTables("Consumer"),
            isRepeatable: { _ in true },
            digest: "7071c424de5b6f43fa24405b407e3a90635376d4dae3c1a6ed887ac3dd67b432"
        )
    }

    private static func session() throws -> LawSubject<PromptSessionMachine> {
        let kept = try PromptSessionTableTests.commands().map(\.command)
            .compactMap { command -> PromptSessionFact? in
                switch command {
                case .record(let event), .keep(let event): .happened(event)
                case .open(let owner, let at): .opened(owner, at: at)
                case .forget: nil
                }
            }
        return LawSubject(
            machine: PromptSessionMachine(),
            commands: try PromptSessionTableTests.commands().map(\.command),
            events: .sampled(from: kept),
            reading: try PromptSessionTableTests.reading(),
            tables: try SpecifiedTables("PromptSession"),
            isRepeatable: { command in
                switch command {
                case .open, .forget: true
                case .record(let event): event.act == .join || event.act == .leave
                case .keep: false
                }
            },
            digest: "0c3bf134c94151409508b22e4d9f21bd7148da01438d776c23ae7e8a83a6830d"
        )
    }

    private static func touch() throws -> LawSubject<TouchMachine> {
        let row = try TouchSamples.touch(TouchSamples.uid(1), TouchSamples.attempt(), at: 1)
        return LawSubject(
            machine: TouchMachine(),
            commands: [.log(row), .forget(by: nil, reason: nil), .forget(by: "ada", reason: "")],
            events: seeded { generator in
                let kind = generator.pick(TouchEventKind.allCases)
                return .logged(TouchSamples.touch(kind, &generator) ?? row)
            },
            eventCount: { Int($0.rowCount) },
            reading: TouchTransitionTests.rowReading,
            tables: try SpecifiedTables("Touch"),
            isRepeatable: { command in
                switch command {
                case .forget: true
                case .log: false
                }
            },
            digest: "fc827b61e3cb01bb5b70128882b1a8028b43ac8d514212d10549ad799688bc9c"
        )
    }

    private static func touchQueue() throws -> LawSubject<TouchQueueMachine> {
        var drops = TouchDrops()
        drops.full = .max
        drops.span = -1.5...1_700_000_000.25
        var counts = TouchCounts()
        counts.taken = 7
        counts.dropped = drops
        let facts: [TouchQueueMachine.Fact] = [
            .began, .interrupted, .dropped(drops), .dropped(TouchDrops()), .ended(counts),
        ]
        let workers = Generator<WorkerNumber>.sampled(
            from: [TouchTransitionTests.own, TouchTransitionTests.other]
        )
        return LawSubject(
            machine: TouchQueueMachine(),
            commands: TouchTransitionTests.queueCommands.map(\.command)
                + TouchTransitionTests.otherQueueCommands,
            events: Generator<(TouchQueueMachine.Fact, WorkerNumber)>.tuple(
                .sampled(from: facts),
                workers
            ).map { TouchQueueMachine.Event($0.0, of: $0.1, at: .unixEpoch) },
            traced: TouchTransitionTests.queueCommands.map(\.command),
            reading: TouchTransitionTests.queueReading,
            tables: try SpecifiedTables("Touch", of: " of the queues"),
            // A worker has one run at a time, and with two each of them ends.
            isRepeatable: nil,
            digest: "ae960ea94565fc8420da5105f071f7bfdc96654a3f5b40e3e7d3153ea731e98e"
        )
    }

    private static func truncation() throws -> LawSubject<TruncationMachine> {
        let instants: [Timestamp] = [.distantPast, .unixEpoch, .distantFuture]
        return LawSubject(
            machine: TruncationMachine(),
            commands: instants.map { .truncate(before: $0, by: nil, reason: nil) },
            events: .sampled(
                from: instants.flatMap { instant in
                    [
                        Removal(.before(instant), at: .distantFuture),
                        Removal(.before(instant), at: .distantPast, by: "ada", reason: "caf\u{E9}"),
                    ]
                }
            ),
            eventCount: { Int($0.count) },
            reading: TouchTransitionTests.truncationReading,
            tables: try SpecifiedTables("Touch", of: " of truncations"),
            digest: "2233f4e5beb50db260cbb0f41fb606657ef871f636a23a501bfbd3133d63fc7b"
        )
    }

    private static func reference() throws -> LawSubject<ReferenceMachine> {
        let (first, second) = (try StreamID("key/a"), try StreamID("key/b"))
        let callback = ReferenceTransitionTests.callback
        return LawSubject(
            machine: ReferenceMachine(),
            commands: [
                .link(first), .link(second), .keep(callback(0)),
                .keep(callback(ReferenceMachine.earlyByteCountMax)),
            ],
            events: seeded { generator in
                let isFull = generator.isHit(1, outOf: 2)
                let callback = RandomItem.callback(isFull, attempt: 0, &generator)
                let instant = RandomItem.instant(&generator)
                return generator.isHit(1, outOf: 4)
                    ? .linked(generator.isHit(1, outOf: 2) ? first : second, at: instant)
                    : .kept(callback, at: instant)
            },
            reading: ReferenceTransitionTests.reading(first),
            tables: try SpecifiedTables("Reference"),
            isRepeatable: { command in
                switch command {
                case .link: true
                case .keep: false
                }
            },
            digest: "d7bfce1635597fa0fca12379600fbdc4179c3d8a5157f35b6f50bdd8b984cb4f"
        )
    }

    private static func pipeline() throws -> LawSubject<PipelineMachine> {
        LawSubject(
            machine: PipelineMachine(),
            commands: PipelineTransitionTests.commands,
            events: seeded { RandomPipeline.event(&$0) },
            eventCount: { Int($0.eventCount) },
            reading: PipelineTableTests.reading,
            tables: try SpecifiedTables("Pipeline"),
            isRepeatable: { $0.verb == .scheduleRetry },
            digest: "5f1ee4369ad0a618dcb2c83b318134bc1dedd9ddb6ce932de3bd290b0dd98a5a"
        )
    }
}
