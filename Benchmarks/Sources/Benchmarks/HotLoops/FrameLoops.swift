import Benchmark
import CBaselines
import Cairn

/// An event's way into its frame and out of it.
enum FrameLoops {
    static func register() {
        make()
        encode()
        decode()
        checksum()
    }

    private static func make() {
        Loop("event: make, with its SHA-256", .thousandCalls)
            .measure(on: { Requests(count: Loop.callsPerSample) }) { benchmark, requests in
                let ids = try (0..<requests.count).map(requests.id)
                let payloads = (0..<requests.count).map { Array(requests.payload(at: $0)) }
                let instant = Timestamp(nanoseconds: 0)
                var digests: [ContentDigest] = []
                digests.reserveCapacity(requests.count)
                try benchmark.clocked {
                    for index in ids.indices {
                        let event = try NewEvent(
                            type: "pipeline",
                            id: ids[index],
                            occurredAt: instant,
                            payload: payloads[index]
                        )
                        digests.append(event.contentDigest)
                    }
                }
                let expected = payloads.map {
                    ContentDigest(type: "pipeline", content: $0.span.bytes)
                }
                return Comparison(digests == expected, true)
            }
    }

    private static func encode() {
        Loop("frame: encode about 183 bytes", .thousandCalls)
            .measure(on: Frames.init) { benchmark, frames in
                let (events, places) = (frames.events, frames.places)
                var buffer: [UInt8] = []
                buffer.reserveCapacity(frames.bytes.count)
                benchmark.clocked {
                    for (event, place) in zip(events, places) {
                        Frame.encode(event, at: place, naming: nil, into: &buffer)
                    }
                }
                return Comparison(buffer == frames.bytes, true)
            }
    }

    private static func decode() {
        for verifiesChecksum in [true, false] {
            let name = "frame: read the header, checksum \(verifiesChecksum ? "on" : "off")"
            Loop(name, .thousandCalls).measure(on: Frames.init) { benchmark, frames in
                let (bytes, ranges, places) = (frames.bytes, frames.ranges, frames.places)
                let sum = try benchmark.clocked {
                    var sum: UInt64 = 0
                    for (range, place) in zip(ranges, places) {
                        let header = try EventHeader(
                            frame: bytes.span.bytes.extracting(range),
                            position: place.position,
                            verifiesChecksum: verifiesChecksum
                        )
                        sum &+= header.sequence.rawValue &+ header.streamNumber.rawValue
                    }
                    return sum
                }
                return Comparison(sum, sumOfPlaces(frames.requests))
            }
        }
        Loop("frame: copy the event out, checksum on", .thousandCalls)
            .measure(on: Frames.init) { benchmark, frames in
                let (bytes, ranges, places) = (frames.bytes, frames.ranges, frames.places)
                let stream = try Requests.stream(1)
                var records: [EventRecord] = []
                records.reserveCapacity(ranges.count)
                try benchmark.clocked {
                    for (range, place) in zip(ranges, places) {
                        let frame = bytes.span.bytes.extracting(range)
                        let header = try EventHeader(frame: frame, position: place.position)
                        records.append(EventRecord(header, frame: frame, stream: stream))
                    }
                }
                let equalCount = records.indices.count { index in
                    records[index].payload[...] == frames.requests.payload(at: index)
                        && records[index].id == frames.events[index].id
                }
                return Comparison(equalCount, frames.requests.count)
            }
    }

    private static func sumOfPlaces(_ requests: Requests) -> UInt64 {
        (0..<requests.count).reduce(0) { sum, index in
            let header = requests.header(at: index)
            return sum &+ header.sequence &+ header.stream
        }
    }

    /// Both must come to the checksums that stand in the frames.
    private static func checksum() {
        Loop("frame: CRC-32C, Cairn", .thousandCalls)
            .measure(on: Frames.init) { benchmark, frames in
                let (bytes, ranges, places) = (frames.bytes, frames.ranges, frames.places)
                let sum = benchmark.clocked {
                    var sum: UInt64 = 0
                    for (range, place) in zip(ranges, places) {
                        let checked = bytes.span.bytes
                            .extracting(range.lowerBound + 8..<range.upperBound)
                        sum &+= UInt64(checked.checksum(seededWith: place.position.rawValue))
                    }
                    return sum
                }
                return Comparison(sum, sumOfChecksums(frames))
            }
        Loop("frame: CRC-32C, C", .thousandCalls).measure(on: Frames.init) { benchmark, frames in
            let sum = benchmark.clocked {
                cb_loop_checksums(frames.bytes, UInt64(frames.ranges.count))
            }
            return Comparison(sum, sumOfChecksums(frames))
        }
    }

    private static func sumOfChecksums(_ frames: Frames) -> UInt64 {
        let bytes = frames.bytes
        return frames.ranges.reduce(0) { sum, range in
            let stored: UInt32 = bytes.span.bytes.littleEndian(at: range.lowerBound + 4)
            return sum &+ UInt64(stored)
        }
    }
}
