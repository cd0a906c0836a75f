internal import CairnIncident
internal import CairnJournal
internal import CairnServices

extension BundleFolder {
    /// Makes a bundle whole or not at all; an interrupt stops it.
    ///
    /// - Parameters:
    ///   - bundle: What to write.
    ///   - manifest: What it says of itself.
    ///   - definition: An event that holds the pipeline's definition, and its stream.
    ///   - source: The folder of the journal that it is made of.
    /// - Returns: How many events are there without their contents.
    /// - Throws: ``CommandFailure``; then nothing is left of it.
    func make(
        _ bundle: some BundledEvents,
        _ manifest: BundleManifest,
        definition: StreamAppend? = nil,
        from source: String
    ) async throws(CommandFailure) -> Int {
        Signals.catchInterrupts()
        return try await make { journal async throws(CommandFailure) in
            do throws(BundleError) {
                return try await BundleWriter.write(
                    bundle,
                    manifest,
                    definition: definition,
                    to: journal,
                    shouldStop: { Signals.isInterrupted || Task.isCancelled }
                )
            } catch {
                throw CommandFailure(error, path: source, output: path)
            }
        }
    }
}

extension CommandFailure {
    init(_ error: BundleError, path: String, output: String) {
        switch error {
        case .incident(let error): self.init(error, path: path)
        case .removed, .removedStream: self.init(.badInput, error.description)
        case .unknownJob(let name): self = .noJob(name, in: path)
        case .timeOutOfRange: self.init(.badInput, "\(error); give --keep-times")
        case .tooLarge: self.init(.badInput, error.description)
        case .repetition:
            self.init(.inputOutput, "\(error); check the journal with 'cairn verify'")
        case .target(let error): self.init(target: error, path: output)
        case .sameName, .sameID:
            self.init(.badInput, "\(error); make two bundles, or give --keep-payloads")
        case .notReadable:
            self.init(
                .badInput,
                "\(error); implement its event(from:at:), or give --keep-payloads"
            )
        case .notAnEvent:
            self.init(
                .badInput,
                "\(error); say with its isWord(_:) which texts stay, or give --keep-numbers or "
                    + "--keep-payloads"
            )
        case .unreadableCopy:
            self.init(
                .badInput,
                "\(error); its event(_:frame:) has to return nil for types that it does not know "
                    + "and that may be ignored"
            )
        case .otherState:
            self.init(
                .badInput,
                "\(error); give --keep-numbers where it reckons with long numbers, --keep-times "
                    + "where with times, say with isWord(_:) which texts stay, or give "
                    + "--keep-payloads"
            )
        case .stopped: self.init(.interrupted, "interrupted; nothing was made")
        }
    }
}
