using System.CommandLine;
using Chitin.Cli.Output;
using Chitin.Cryptography;

namespace Chitin.Cli.Commands;

/// <summary>chitin gen encryption-key (SECURITY-SPEC 5; CockroachDB's format: a key id of 32 bytes, then the key).</summary>
internal static class GenCommands
{
    public static Command Create() => new("gen", "Generate key files.") { EncryptionKey() };

    private static Command EncryptionKey()
    {
        var path = new Argument<string>("PATH") { Description = "Where the key file goes; it is made with mode 0600." };
        var size = new Option<int>("--size", "-s") { Description = "Bits of the AES key: 128, 192 or 256.", DefaultValueFactory = _ => 128 };
        size.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is not ("128" or "192" or "256"))
                result.AddError($"store key size should be 128, 192, or 256 bits, got {result.Tokens[0].Value}");
        });
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace an existing file. A store that was encrypted with the old key cannot be opened without it." };
        var command = new Command("encryption-key", "Generate a store key for encryption at rest.\n\nExample: chitin gen encryption-key -s 256 /secure/store.key") { path, size, overwrite };
        command.SetAction(result =>
        {
            var file = result.GetRequiredValue(path);
            try
            {
                StoreKeyFile.Create(file, result.GetValue(size), result.GetValue(overwrite));
            }
            catch (EncryptionException e) when (!result.GetValue(overwrite) && File.Exists(file))
            {
                throw new CommandException(e.Message, "use --overwrite to replace it; a store that was encrypted with it cannot be opened without it");
            }

            Terminal.Line($"successfully created AES-{result.GetValue(size)} key: {file}");
            return 0;
        });
        return command;
    }
}
