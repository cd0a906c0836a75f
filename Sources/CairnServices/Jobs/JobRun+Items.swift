internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension JobRun {
    /// Reads what an item is called.
    func key(of item: Item, _ number: Int64) throws(JobError) -> ItemKey {
        do throws(ItemKeyError) { return try ItemKey(reading.key(item)) } catch {
            throw .key(itemNumber: number + 1, error)
        }
    }

    /// Reads what items are that follow each other in the sequence.
    func entries(for items: [Item], from first: Int64) throws(JobError) -> [JobEntry<Item>] {
        var entries: [JobEntry<Item>] = []
        entries.reserveCapacity(items.count)
        for item in items {
            let number = first + Int64(entries.count)
            let key = try key(of: item, number)
            entries.append(
                JobEntry(item: item, number: number, key: key, content: reading.content(item))
            )
        }
        return entries
    }

    /// Makes one move on an item.
    func move(_ entry: JobEntry<Item>) async -> Signal {
        let send = send
        let item = entry.item
        do throws(EngineError<ItemRefusal>) {
            let move = try await sender.move(
                request(for: entry),
                in: try entry.stream(),
                known: entry.known?.folded,
                retry: .whenDue(waitedFor: entry.waitedFor)
            ) { attempt in
                try await send(item, attempt)
            }
            return .moved(entry, .success(move))
        } catch {
            return .moved(entry, .failure(error))
        }
    }

    private func request(for entry: JobEntry<Item>) -> ItemRequest {
        ItemRequest(
            key: entry.key,
            content: entry.digest,
            job: job,
            run: state.state.runCount,
            worksInSteps: policy.item.worksInSteps,
            message: reading.message?(entry.item)
        )
    }

    /// Gives a command to the job.
    ///
    /// - Parameters:
    ///   - command: What is asked for.
    ///   - known: The job as it was seen last.
    /// - Returns: That it is written, or why it is not.
    func write(_ command: JobCommand, from known: Folded<JobState>) async -> Signal {
        let fold = fold
        do throws(EngineError<JobRefusal>) {
            try await sender.journal.engineTurn { scope throws(EngineError<JobRefusal>) in
                var state = known
                _ = try fold.turnTellingConflicts(command, on: &state, in: scope)
            }
            return .settled
        } catch {
            return .failed(JobError(error))
        }
    }

    /// The items that earlier runs began and this one was not offered.
    ///
    /// - Complexity: One pass over the journal from the job's first event on.
    func missing(_ offered: Set<UInt64>) async throws(JobError) -> (count: Int64, keys: [String]) {
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
                        !offered.contains(JobEntry<Item>.number(of: key))
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
