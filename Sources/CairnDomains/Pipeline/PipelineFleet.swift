package import CairnCore

/// Where many requests stand, in brief: a fold that can be laid down at a position and gone on
/// from.
///
/// - Complexity: For an event, a look-up of its request and of its worker.
package struct PipelineFleet: Sendable {
    let rules: PipelineRules
    var words = PipelineWordTable()
    private var meanings: [PipelineMeaning] = []
    package internal(set) var requests: [StreamNumber: PipelineBrief] = [:]
    /// The workers that requests' latest rows name as who started them.
    var workers: [[UInt8]: Worker] = [:]

    struct Worker: Hashable, Sendable {
        /// Where it recorded anything last, for whatever request.
        var last: Position
        /// How many requests' latest rows name it.
        var requestCount: Int
    }

    package init(_ definition: PipelineDefinition) {
        rules = PipelineRules(definition)
        for stage in definition.stages { _ = words.number(of: stage.name) }
        learnWords()
    }

    /// The word with a number.
    package func text(of number: UInt32) -> String { words.text(of: number) }

    /// Takes a row of a request.
    ///
    /// Rows must come in the order of their positions.
    ///
    /// - Returns: Whether the request is open then.
    /// - Throws: ``PipelineCodecError``; the row is then not taken.
    package mutating func take(
        _ header: EventHeader,
        frame: RawSpan
    ) throws(PipelineCodecError) -> Bool {
        let payload = frame.extracting(header.payloadRange)
        let step = try PipelineStep(payload, occurredAt: header.occurredAt)
        let details = try step.details(in: payload)
        let stageWord = words.number(of: step.stage, in: payload)
        let eventType = words.number(of: step.eventType, in: payload)
        var statusWord: UInt32 = 0
        if step.status == .other { statusWord = words.number(of: step.statusText, in: payload) }
        let tenant = words.number(of: step.tenant, in: payload)
        if words.count > meanings.count { learnWords() }
        let row = BriefRow(
            header: header,
            step: step,
            tenant: tenant,
            stageWord: stageWord,
            eventType: eventType,
            statusWord: statusWord,
            stage: meanings[Int(stageWord)],
            type: meanings[Int(eventType)].type,
            isDefinitionOpen: rules.definition.isOpen
        )
        if let worker = details.workerID { see(payload.extracting(worker), at: header.position) }
        let index = index(of: header.streamNumber)
        let former = requests.values[index].latest
        requests.values[index].take(row, in: payload, words: &words, details: details)
        if let name = header.streamID(in: frame) {
            requests.values[index].id = Array(name.key.utf8)
        }
        let latest = requests.values[index].latest
        if former?.position != latest?.position {
            if let worker = latest?.worker { hold(worker, at: header.position) }
            if let worker = former?.worker { letGo(worker) }
        }
        return requests.values[index].isOpen
    }

    /// Whether a request is here.
    package func holds(_ stream: StreamNumber) -> Bool { requests.index(forKey: stream) != nil }

    private mutating func index(
        of stream: StreamNumber
    ) -> Dictionary<StreamNumber, PipelineBrief>.Index {
        if let index = requests.index(forKey: stream) { return index }
        requests[stream] = PipelineBrief()
        return requests.index(forKey: stream) ?? requests.startIndex
    }

    /// Puts a request in that was taken out, or laid down elsewhere.
    package mutating func put(_ brief: PipelineBrief, _ stream: StreamNumber, isSilent: Bool) {
        requests[stream] = brief
        guard let latest = brief.latest, let worker = latest.worker else { return }
        hold(worker, at: isSilent ? latest.position : .zero)
    }

    /// Takes a request out.
    package mutating func remove(_ stream: StreamNumber) {
        guard let brief = requests.removeValue(forKey: stream) else { return }
        if let worker = brief.latest?.worker { letGo(worker) }
    }

    /// Takes all requests out; the words stay known.
    package mutating func removeAll() {
        requests = [:]
        workers = [:]
    }

    /// Whether the worker that started a request's latest row has recorded nothing since.
    package func isSilent(_ brief: PipelineBrief) -> Bool {
        guard let latest = brief.latest, let worker = latest.worker else { return false }
        return workers[worker]?.last == latest.position
    }

    // MARK: workers

    private mutating func see(_ bytes: RawSpan, at position: Position) {
        guard !workers.isEmpty else { return }
        let worker = bytes.array()
        guard let index = workers.index(forKey: worker) else { return }
        workers.values[index].last = position
    }

    private mutating func hold(_ worker: [UInt8], at position: Position) {
        if let index = workers.index(forKey: worker) {
            workers.values[index].requestCount += 1
            workers.values[index].last = max(workers.values[index].last, position)
        } else {
            workers[worker] = Worker(last: position, requestCount: 1)
        }
    }

    private mutating func letGo(_ worker: [UInt8]) {
        guard let index = workers.index(forKey: worker) else { return }
        workers.values[index].requestCount -= 1
        if workers.values[index].requestCount == 0 { workers.remove(at: index) }
    }

    // MARK: words

    private mutating func learnWords() {
        while meanings.count < words.count {
            let number = UInt32(meanings.count)
            let word = words.text(of: number)
            let stage = rules.stage(of: word)
            meanings.append(
                PipelineMeaning(
                    stage: stage.map { words.number(of: $0.name) } ?? number,
                    isStage: stage != nil,
                    follows: stage?.follows.map { words.number(of: $0) } ?? [],
                    type: eventType(of: word)
                )
            )
        }
    }

    private mutating func eventType(of word: String) -> PipelineMeaning.EventType? {
        guard let type = rules.eventType(of: word) else { return nil }
        return PipelineMeaning.EventType(
            status: type.status.code,
            startedBy: type.startedBy.map { words.number(of: $0) },
            isTerminal: type.isTerminal,
            mayComeAnytime: type.mayComeAnytime,
            begins: rules.beginsSomething(word)
        )
    }
}
