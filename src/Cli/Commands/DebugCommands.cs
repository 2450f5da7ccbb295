using System.CommandLine;
using Chitin.Cli.Output;
using Chitin.Cryptography;
using Chitin.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chitin.Cli.Commands;

/// <summary>chitin debug …: looks at a store from outside (SECURITY-SPEC 5).</summary>
internal static class DebugCommands
{
    public static Command Create() => new("debug", "Look at a store from outside, and mend it.") { Status(), ActiveKey(), RepairLog() };

    private static Command Status()
    {
        var directory = new Argument<string>("DIRECTORY") { Description = "The store's directory." };
        var encryption = new Option<string>("--encryption", "--enterprise-encryption") { Description = "The store's keys, as start-single-node takes them: path=…,key=…[,old-key=…]." };
        var idOnly = new Option<bool>("--active-store-key-id-only") { Description = "Print the active store key's id alone." };
        var command = new Command("encryption-status", "Print a store's keys and the files that each encrypts, as JSON.\n\nExample: chitin debug encryption-status chitin-data/store --encryption=path=chitin-data/store,key=chitin-data/keys/store.key") { directory, encryption, idOnly };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(directory);
            var status = EncryptionStatus.Read(path, Keys(path, result.GetValue(encryption)), TimeProvider.System);
            Terminal.Line(result.GetValue(idOnly) ? status.Single(k => k.Active).Id : EncryptionStatus.ToJson(status));
            return 0;
        });
        return command;
    }

    private static Command RepairLog()
    {
        var directory = new Argument<string>("DIRECTORY") { Description = "The store's directory; its node is stopped." };
        var encryption = new Option<string>("--encryption", "--enterprise-encryption") { Description = "The store's keys, as start-single-node takes them." };
        var command = new Command("repair-log", "Give up the commits behind the damage in a store's write-ahead log, so that it opens again at the state before it.\n\nWhat is given up is moved to salvage-… in the store's directory, still encrypted. A log that is whole, or torn at its end only, is left alone.\n\nExample: chitin debug repair-log chitin-data/store --encryption=path=chitin-data/store,key=chitin-data/keys/store.key") { directory, encryption };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(directory);
            var report = RocksStore.RepairWal(new StoreOptions { Directory = path, Encryption = Keys(path, result.GetValue(encryption)) }, NullLogger.Instance, TimeProvider.System);
            foreach (var line in report)
                Terminal.Line(line);
            if (report.Count == 0)
                Terminal.Line("The log needs no repair.");
            return 0;
        });
        return command;
    }

    private static Command ActiveKey()
    {
        var directory = new Argument<string>("DIRECTORY") { Description = "The store's directory." };
        var command = new Command("encryption-active-key", "Print the algorithm and id of a store's active store key; needs no key.") { directory };
        command.SetAction(result =>
        {
            Terminal.Line(EncryptionStatus.ReadActiveKey(result.GetRequiredValue(directory)));
            return 0;
        });
        return command;
    }

    private static EncryptionOptions Keys(string path, string? text)
    {
        if (text == StoreKey.PlainId)
            return EncryptionOptions.Plain(path);
        // Without the flag: the key file of the default name beside the store.
        var given = text is null
            ? new EncryptionOptions(path, Path.TrimEndingDirectorySeparator(path) + ".key", StoreKey.PlainId, EncryptionOptions.DefaultRotationPeriod)
            : EncryptionOptions.Parse(text);
        return EncryptionOptions.Match([path], [given]).TryGetValue(path, out var options) ? options : given;
    }
}
