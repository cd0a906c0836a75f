internal import CairnCore

/// Counts what a comparison finds, and puts it in an order that does not depend on how many folds
/// looked for it.
struct ComparisonLedger {
    private var streamCount = 0
    private var inFlightCount = 0
    private var streams: [DivergedStream] = []
    private var causes: [DivergenceCause] = []
    private var numbers: [DivergenceCause: Int] = [:]

    mutating func count(isInFlight: Bool) {
        streamCount += 1
        if isInFlight { inFlightCount += 1 }
    }

    mutating func add(_ stream: DivergedStream) { streams.append(stream) }

    mutating func number(of cause: DivergenceCause) -> Int {
        if let number = numbers[cause] { return number }
        numbers[cause] = causes.count
        causes.append(cause)
        return causes.count - 1
    }

    /// Sorts what was found, and shows the first streams of each cause whole.
    mutating func report(
        _ exampleCountMax: Int,
        _ divergence: (StreamNumber) async throws(IncidentError) -> Divergence?
    ) async throws(IncidentError) -> ComparisonReport {
        streams.sort { $0.position < $1.position }
        var members = [[DivergedStream]](repeating: [], count: causes.count)
        for stream in streams { members[stream.group].append(stream) }
        let order = members.indices.filter { !members[$0].isEmpty }.sorted { left, right in
            let (left, right) = (members[left], members[right])
            if left.count != right.count { return left.count > right.count }
            return left[0].position < right[0].position
        }
        var groups: [DivergenceGroup] = []
        for number in order {
            var examples: [Divergence] = []
            for stream in members[number].prefix(max(exampleCountMax, 0)) {
                if let example = try await divergence(stream.stream) { examples.append(example) }
            }
            groups.append(
                DivergenceGroup(
                    cause: causes[number],
                    streamCount: members[number].count,
                    inFlightCount: members[number].count(where: \.isInFlight),
                    healedCount: members[number].count(where: \.isHealed),
                    examples: examples
                )
            )
        }
        var places = [Int](repeating: 0, count: causes.count)
        for (place, number) in order.enumerated() { places[number] = place }
        return ComparisonReport(
            streamCount: streamCount,
            inFlightCount: inFlightCount,
            streams: streams.map { $0.moved(toGroup: places[$0.group]) },
            groups: groups
        )
    }
}

extension DivergedStream {
    fileprivate func moved(toGroup group: Int) -> DivergedStream {
        DivergedStream(
            stream: stream,
            position: position,
            sequence: sequence,
            group: group,
            isInFlight: isInFlight,
            isHealed: isHealed
        )
    }
}
