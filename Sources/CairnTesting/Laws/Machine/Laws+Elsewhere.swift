public import CairnCore

extension Laws {
    /// A digest of what many drawn histories fold to, the same in every process (law 2.5).
    ///
    /// The generator is part of what is digested: where it changes, so does the digest.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down.
    ///   - seed: Decides the histories.
    ///   - caseCount: How many histories there are.
    /// - Returns: 64 hexadecimal digits.
    /// - Throws: ``PropertyError`` where the generator makes too little.
    public static func replayDigest<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: @Sendable (Rules.State) -> [UInt8],
        seed: UInt64 = 1,
        caseCount: Int = 200
    ) throws(PropertyError) -> String {
        var writer = ByteWriter(capacity: 4_096)
        let settings = PropertySettings(caseCountMax: caseCount, seed: seed)
        _ = try examine(.sameElsewhere, of: "\(Rules.self)", [], settings) { draw in
            let run = MachineRun(machine, try draw(.turns(commands), "commands"))
            draw.sometimes(!run.events.isEmpty, "a command leads to an event")
            writer.blob(encoding(run.state))
        }
        let bytes = writer.finish()
        return ContentDigest(type: "replay", content: bytes.span.bytes).hexadecimal
    }

    /// Law 2.5: another process, on another machine and in another time zone, folds to the same
    /// bytes.
    ///
    /// The digest comes from that other process: it stands in the source of a test, or a child
    /// with another time zone and another hash seed gets it from its parent.
    ///
    /// - Parameters:
    ///   - machine: The rules.
    ///   - commands: Makes commands.
    ///   - encoding: Writes a state down.
    ///   - digest: What ``replayDigest(_:commands:encoding:seed:caseCount:)`` gave elsewhere; a
    ///     report says what it is here.
    ///   - seed: Decides the histories.
    ///   - caseCount: How many histories there are.
    /// - Throws: ``PropertyError``.
    public static func replayIsTheSameElsewhere<Rules: Machine>(
        _ machine: Rules,
        commands: Generator<Rules.Command>,
        encoding: @Sendable (Rules.State) -> [UInt8],
        digest: String,
        seed: UInt64 = 1,
        caseCount: Int = 200
    ) throws(PropertyError) {
        let found = try replayDigest(
            machine,
            commands: commands,
            encoding: encoding,
            seed: seed,
            caseCount: caseCount
        )
        _ = try examine(.sameElsewhere, of: "\(Rules.self)", [], PropertySettings(seed: seed)) {
            (_: inout Draw) in
            guard found == digest else {
                throw LawFailure(
                    .sameElsewhere,
                    "\(caseCount) histories of seed \(seed) have the digest \(found) here, and "
                        + "\(digest) elsewhere"
                )
            }
        }
    }
}
