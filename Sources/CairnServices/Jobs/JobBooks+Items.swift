internal import CairnCore
internal import CairnDomains
internal import CairnEngine
internal import CairnJournal

extension JobBooks {
    /// Takes items that the sequence gave, and its end.
    mutating func take(_ items: [Item], _ end: FeedEnd?) {
        do throws(JobError) { try passOver(items) } catch { breakOff(error) }
        guard let end, feedEnd == nil else { return }
        feedEnd = end
        lookAtHeldOrBreakOff()
        switch end {
        case .complete: break
        case .failed(let reason): breakOff(.items(reason))
        // What was cut off says nothing of the items that it did not give.
        case .stopped: halt(.stopped)
        }
    }

    /// Takes no item from one on that is none; what came before it is done all the same.
    private mutating func breakOff(_ error: JobError) {
        failure = failure ?? error
        if stop == nil { report.ending = .itemsFailed }
        feed.finish(.stopped)
        guard feedEnd == nil else { return }
        feedEnd = .failed(error.description)
        lookAtHeldOrBreakOff()
    }

    /// Books the items of settled blocks, and has the others looked at.
    ///
    /// Of a job that goes on nearly all items end here: nothing in it is done for each that can
    /// be done for a block.
    private mutating func passOver(_ items: [Item]) throws(JobError) {
        let first = itemNumber
        var index = 0
        // What waits for the rest of its block is kept once the array is through.
        defer { hold(items, first, upTo: index) }
        let (readKey, readContent) = (run.plan.reading.key, run.plan.reading.content)
        while index < items.count {
            let number = itemNumber
            itemNumber += 1
            let key = try ItemKey(readKey(items[index]), ofItem: number)
            let content: [UInt8]
            do { content = try readContent(items[index]) } catch {
                throw .content(itemNumber: number + 1, "\(error)")
            }
            report.counts.offered += 1
            if report.run > 1 { offered.append(key.hashValue) }
            let heldFirst = blocks.heldFirst
            switch blocks.take(number, key, content) {
            case .look:
                unlooked.append(
                    JobEntry(item: items[index], number: number, key: key, content)
                )
            case .hold: break
            case .pass(let block):
                held.removeAll(keepingCapacity: true)
                report.counts.done += block.doneCount
                report.counts.failed += block.failedCount
            case .lookAtHeld:
                let start = heldFirst ?? number
                held += items[Int(max(start - first, 0))...index]
                try lookAtHeld(from: start)
            }
            index += 1
        }
    }

    /// Keeps the items of an array that wait for the rest of their block.
    private mutating func hold(_ items: [Item], _ first: Int64, upTo end: Int) {
        guard let heldFirst = blocks.heldFirst else { return }
        let start = Int(max(heldFirst - first, 0))
        if start < end { held += items[start..<end] }
    }

    /// Has the items looked at that wait for the rest of their block.
    private mutating func lookAtHeld(from first: Int64) throws(JobError) {
        defer { held.removeAll(keepingCapacity: true) }
        unlooked += try run.entries(for: held, from: first)
    }

    mutating func lookAtHeldOrBreakOff() {
        guard let first = blocks.heldFirst else { return }
        blocks.release()
        do throws(JobError) { try lookAtHeld(from: first) } catch { breakOff(error) }
    }

    /// Settles at once what needs no work, and puts the rest where it belongs.
    mutating func book(_ entry: JobEntry<Item>, _ group: inout Group) {
        if entry.isKnownDone {
            return take(.done(ItemAcceptance(), isNew: false), of: entry, &group)
        }
        guard let state = entry.known?.folded.state else { return makeReady(entry) }
        let decision = state.decision(
            for: entry.content.digest,
            under: run.policy.item.rule,
            at: clock.now()
        )
        switch decision {
        case .begin:
            if state.current == nil { takeNew(entry) }
            makeReady(entry)
        case .done(let acceptance): take(.done(acceptance, isNew: false), of: entry, &group)
        case .conflict(let stored, let given):
            take(.changed(stored: stored, given: given), of: entry, &group)
        case .failed(let reason): take(.failed(reason: reason), of: entry, &group)
        case .retry(let reason, let retryAt?):
            let wait = run.sender.wait(until: retryAt)
            take(.retry(reason: reason, at: retryAt, after: wait), of: entry, &group)
        case .retry(_, at: nil), .giveUp, .skip: makeReady(entry)
        case .wait, .noteLoss, .goOn, .awaitReport, .ask, .park, .setAside, .otherWay:
            var entry = entry
            entry.isSuspect = state.lossCountWithOpen(at: clock.now()) >= 2
            makeReady(entry)
        }
    }

    private mutating func takeNew(_ entry: JobEntry<Item>) {
        report.counts.new += 1
        guard report.run > 1, report.new.count < JobReport.listCountMax else { return }
        report.new.append(entry.key.name)
    }

    /// Books what a move led to.
    mutating func take(_ move: ItemSender.Move, of entry: JobEntry<Item>, _ group: inout Group) {
        let key = entry.key.name
        switch move {
        case .done(_, let isNew):
            if isNew { report.counts.sent += 1 } else { report.counts.done += 1 }
            settle(entry, &group)
        case .failed(let reason), .skipped(let reason):
            report.counts.failed += 1
            if report.failed.count < JobReport.listCountMax { report.failed[key] = reason }
            settle(entry, &group)
            // Of failures of earlier runs a person knows, and may have let the job go on.
            if run.policy.pausesWhenGivenUp, entry.isTried { pause(entry, reason, &group) }
        case .parked(let doubt, _):
            report.counts.parked += 1
            blocks.leave(entry.number)
            let why = "\(doubt.cause)" + (doubt.detail.map { ": \($0)" } ?? "")
            if report.parked.count < JobReport.listCountMax { report.parked[key] = why }
        case .changed:
            report.counts.changed += 1
            blocks.leave(entry.number)
            if report.changed.count < JobReport.listCountMax { report.changed.append(key) }
        case .retry(_, _, let wait), .waiting(_, let wait):
            var entry = entry
            entry.known = nil
            if case .retry(_, let instant, _) = move { entry.waitedFor = instant }
            waits.add(entry, until: clock.boot().adding(wait).nanoseconds)
        }
    }

    /// Books an item that no journal takes; nothing of it was sent, and the others go on.
    mutating func refuse(_ entry: JobEntry<Item>, _ limit: LimitError) {
        report.counts.failed += 1
        blocks.leave(entry.number)
        guard report.failed.count < JobReport.listCountMax else { return }
        report.failed[entry.key.name] = limit.description
    }

    private mutating func settle(_ entry: JobEntry<Item>, _ group: inout Group) {
        guard let end = entry.end else { return blocks.leave(entry.number) }
        guard let (block, looked) = blocks.settle(entry.number, end) else { return }
        let (run, state) = (run, state)
        group.addTask { await run.settle(block, looked, from: state) }
    }

    private func pause(_ entry: JobEntry<Item>, _ reason: String, _ group: inout Group) {
        let key = entry.key.name
        let decision = JobDecision(by: "policy", reason: "item '\(key)' failed: \(reason)")
        let (run, state) = (run, state)
        group.addTask { await run.pause(decision, from: state) }
    }
}

extension ItemState {
    /// Losses of holders, with the one that an open attempt may turn out to be.
    fileprivate func lossCountWithOpen(at now: Timestamp) -> Int64 {
        guard case .open = current?.standing, !isAsleep(at: now) else { return lossCount }
        return lossCount + 1
    }
}
