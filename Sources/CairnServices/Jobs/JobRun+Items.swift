internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal
internal import Logging
internal import Synchronization

extension JobRun {
    /// Reads what items are that follow each other in the sequence.
    func entries(for items: [Item], from first: Int64) throws(JobError) -> [JobEntry<Item>] {
        var entries: [JobEntry<Item>] = []
        entries.reserveCapacity(items.count)
        for item in items {
            let number = first + Int64(entries.count)
            let key = try ItemKey(plan.reading.key(item), ofItem: number)
            let content: [UInt8]
            do { content = try plan.reading.content(item) } catch {
                throw .content(itemNumber: number + 1, "\(error)")
            }
            entries.append(JobEntry(item: item, number: number, key: key, content))
        }
        return entries
    }

    /// Looks at what is known of items: at a glance for those that are new or done, and of the
    /// others by a fold.
    func look(at entries: [JobEntry<Item>]) async -> Signal {
        var looked: [JobEntry<Item>] = []
        looked.reserveCapacity(entries.count)
        onLook(entries.count)
        do throws(EngineError<ItemRefusal>) {
            let glances = await keyTable.glances(at: entries.map(\.key))
            for (var entry, glance) in zip(entries, glances) {
                switch glance {
                case nil, .fresh: entry.known = .fresh
                case .done(let request) where request.content == entry.content.digest:
                    entry.isKnownDone = true
                    entry.end = ItemEnd(isDone: true, isOwn: request.jobMark == plan.jobMark)
                case .begun, .done, .other:
                    let fold = StreamFold(ItemMachine(), of: try entry.stream())
                    let folded = try await fold.folded(in: sender.journal)
                    entry.known = KnownItem(folded)
                    entry.end = end(of: folded.state)
                }
                looked.append(entry)
            }
            return .looked(looked, nil)
        } catch {
            return .looked(looked, JobError(error))
        }
    }

    /// What an item's own events say became of it; nil where something may be left to do.
    ///
    /// That a run's policy gives up is no end: another policy may go on.
    private func end(of state: ItemState) -> ItemEnd? {
        let isOwn = state.request?.job?.hasSameBytes(as: job) ?? false
        return switch state.verdict() {
        case .done: ItemEnd(isDone: true, isOwn: isOwn)
        case .failedFinal: ItemEnd(isDone: false, isOwn: isOwn)
        case .fresh, .inFlight, .inDoubt, .failedRetryable, .conflict: nil
        }
    }

    /// Makes one move on an item.
    func move(_ entry: JobEntry<Item>) async -> Signal {
        let send = plan.send
        let item = entry.item
        let begun = BegunSession()
        var entry = entry
        do throws(EngineError<ItemRefusal>) {
            let stream = try entry.stream()
            let move = try await sender.move(
                request(for: entry),
                in: stream,
                known: entry.known?.folded,
                retry: .whenDue(waitedFor: entry.waitedFor)
            ) { attempt in
                begun.note(attempt.session)
                return try await send(item, attempt)
            }
            entry.isTried = entry.isTried || begun.session != nil
            // What was waited for is over with the attempt that came of it.
            if begun.session != nil { entry.waitedFor = nil }
            entry.end = await end(after: move, begun.session, in: stream, entry.known?.folded)
            return .moved(entry, .success(move))
        } catch {
            return .moved(entry, .failure(error))
        }
    }

    /// What an item's own events say after a move.
    private func end(
        after move: ItemSender.Move,
        _ session: AttemptSession?,
        in stream: StreamID,
        _ known: Folded<ItemState>?
    ) async -> ItemEnd? {
        switch move {
        case .parked, .changed, .retry, .waiting: return nil
        case .done, .failed, .skipped: break
        }
        if let session { return end(of: session.folded.state) }
        let fold = StreamFold(ItemMachine(), of: stream)
        do throws(EngineError<ItemRefusal>) {
            return end(of: try await fold.folded(in: sender.journal, from: known).state)
        } catch {
            // What cannot be read now is looked at by the next run.
            return nil
        }
    }

    private func request(for entry: JobEntry<Item>) -> ItemRequest {
        ItemRequest(
            key: entry.key,
            content: entry.content.digest,
            job: job,
            run: state.state.runCount,
            worksInSteps: policy.item.worksInSteps,
            message: plan.reading.message?(entry.item)
        )
    }

    /// Gives a command to the job.
    ///
    /// - Parameters:
    ///   - command: What is asked for.
    ///   - known: The job as it was seen last.
    /// - Throws: ``JobError``.
    func write(
        _ command: JobCommand,
        from known: Folded<JobState>
    ) async throws(JobError) {
        let fold = fold
        do throws(EngineError<JobRefusal>) {
            try await sender.journal.engineTurn { scope throws(EngineError<JobRefusal>) in
                var state = known
                _ = try fold.turnTellingConflicts(command, on: &state, in: scope)
            }
        } catch {
            throw JobError(error)
        }
    }

    /// Settles a block: what cannot be written is done without, as it saves time and no more.
    func settle(
        _ block: JobBlock,
        _ looked: JobReopenings,
        from known: Folded<JobState>
    ) async -> Signal {
        do throws(JobError) { try await write(.settleBlock(block, looked), from: known) } catch {
            sender.logger.warning(
                "a block of items could not be settled",
                metadata: ["job": "\(job)", "block": "\(block.number)", "error": "\(error)"]
            )
        }
        return .written
    }

    /// Pauses the job for a person; one that a person has cancelled needs no pause.
    func pause(_ decision: JobDecision, from known: Folded<JobState>) async -> Signal {
        do throws(JobError) { try await write(.pause(decision), from: known) } catch {
            if case .refused = error { return .written }
            return .failed(error)
        }
        return .written
    }

    /// The items that earlier runs began and this one was not offered.
    ///
    /// - Complexity: One pass over the journal from the job's first event on.
    func missing(_ offered: Set<Int>) async throws(JobError) -> (count: Int64, keys: [String]) {
        var count: Int64 = 0
        var keys: [String] = []
        var failure: JobError?
        let machine = ItemMachine()
        do throws(JournalError) {
            var first = Position.first
            _ = try await sender.journal.page(
                of: fold.stream,
                from: SequenceNumber(rawValue: 1),
                .forwards,
                upTo: nil,
                limit: PageLimit(eventCountMax: 1)
            ) { header, _ in
                first = header.position
                return .stop
            }
            try await sender.journal.forEachEvent(from: first) { header, frame in
                guard header.flags.contains(.namesStream),
                    header.streamID(in: frame)?.kind == ItemKey.streamKind
                else { return .proceed }
                do throws(EventCodecError) {
                    guard
                        case .began(let beginning) = try machine.event(header, frame: frame)?.fact,
                        let request = beginning.request, let key = request.key,
                        request.job?.hasSameBytes(as: job) ?? false,
                        !offered.contains(key.hashValue)
                    else { return .proceed }
                    count += 1
                    if keys.count < JobReport.listCountMax { keys.append(key.name) }
                    return .proceed
                } catch {
                    failure = .unreadable(position: header.position, error: error)
                    return .stop
                }
            }
        } catch {
            throw .journal(error)
        }
        if let failure { throw failure }
        return (count, keys)
    }
}

extension JobEntry {
    /// The item's stream; named only where the item is looked at.
    func stream() throws(EngineError<ItemRefusal>) -> StreamID {
        do throws(LimitError) { return try key.stream } catch { throw .journal(.limit(error)) }
    }
}

extension ItemKey {
    /// Reads what the item of a number, counted from 0, is called.
    init(_ name: String, ofItem number: Int64) throws(JobError) {
        do throws(ItemKeyError) { try self.init(name) } catch {
            throw .key(itemNumber: number + 1, error)
        }
    }
}

/// The attempt that a move began, if it began one.
private final class BegunSession: Sendable {
    private let state = Mutex<AttemptSession?>(nil)

    var session: AttemptSession? { state.withLock { $0 } }

    func note(_ session: AttemptSession) { state.withLock { $0 = session } }
}
