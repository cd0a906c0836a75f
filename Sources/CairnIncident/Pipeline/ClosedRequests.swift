package import CairnCore

/// Requests that were done with, as they were left: all in one, because there are many.
package struct ClosedRequests: Sendable {
    private struct Place: Sendable {
        let stream: StreamNumber
        let start: Int
        /// The start again, for one that was taken out.
        var end: Int
    }

    private var bytes: [UInt8] = []
    /// In the order of the streams.
    private var places: [Place] = []
    /// Those that came in any order.
    private var others: [StreamNumber: [UInt8]] = [:]

    package init() {}

    /// Adds a request, which is not here yet.
    ///
    /// - Complexity: Cheapest where streams come in their order.
    package mutating func add(_ stream: StreamNumber, _ request: RawSpan) {
        guard places.last.map({ $0.stream < stream }) ?? true else {
            others[stream] = request.array()
            return
        }
        let start = bytes.count
        bytes.append(contentsOf: request.array())
        places.append(Place(stream: stream, start: start, end: bytes.count))
    }

    /// Takes a request out; empty if it is not here.
    mutating func remove(_ stream: StreamNumber) -> [UInt8] {
        if let other = others.removeValue(forKey: stream) { return other }
        var range = 0..<places.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if places[middle].stream < stream {
                range = middle + 1..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        let index = range.lowerBound
        guard index < places.count, places[index].stream == stream else { return [] }
        let place = places[index]
        places[index].end = place.start
        return Array(bytes[place.start..<place.end])
    }

    /// Puts a request back that was taken out, or in.
    mutating func put(_ stream: StreamNumber, _ request: [UInt8]) { others[stream] = request }

    /// Gives each request, in no order.
    func forEach<Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let all = bytes.span.bytes
        for place in places where place.end > place.start {
            try body(all.extracting(place.start..<place.end))
        }
        for request in others.values { try body(request.span.bytes) }
    }
}
