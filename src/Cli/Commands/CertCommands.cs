using System.CommandLine;
using System.Globalization;
using Chitin.Cli.Output;
using Chitin.Cryptography.Certificates;
using Chitin.Security.Principals;
using Chitin.Server.Configuration;

namespace Chitin.Cli.Commands;

/// <summary>chitin cert … (SECURITY-SPEC 1.2).</summary>
internal static class CertCommands
{
    public static Command Create() => new("cert", "Create and list the certificates that nodes and clients prove themselves with.")
    {
        CreateAuthority("create-ca", "Create the CA certificate and its key.", (factory, creation) => factory.CreateCa(creation)),
        CreateAuthority("create-client-ca", "Create a CA of its own for client certificates.", (factory, creation) => factory.CreateClientCa(creation)),
        CreateNode(),
        CreateClient(),
        CreateUi(),
        List(),
    };

    private static Command CreateAuthority(string name, string description, Action<CertificateFactory, CertificateCreation> create)
    {
        var flags = new CreationFlags(CertificateCreation.DefaultCaLifetime);
        var reuse = new Option<bool>("--allow-ca-key-reuse") { Description = "Use an existing CA key instead of refusing it." };
        var command = flags.AddTo(new Command(name, $"{description}\n\nExample: chitin cert {name} --certs-dir=certs --ca-key=my-safe-directory/ca.key") { reuse });
        command.SetAction(result =>
        {
            create(new CertificateFactory(TimeProvider.System), flags.Read(result) with { AllowCaKeyReuse = result.GetValue(reuse) });
            return 0;
        });
        return command;
    }

    private static Command CreateNode()
    {
        var flags = new CreationFlags(CertificateCreation.DefaultLifetime);
        var hosts = new Argument<string[]>("HOST") { Description = "Every host name and address that clients reach the node by.", Arity = ArgumentArity.ZeroOrMore };
        var command = flags.AddTo(new Command("create-node", "Create the node's certificate and key.\n\nExample: chitin cert create-node localhost db.example.com 10.0.0.7 --certs-dir=certs --ca-key=my-safe-directory/ca.key") { hosts });
        command.SetAction(result =>
        {
            new CertificateFactory(TimeProvider.System).CreateNode(flags.Read(result), result.GetValue(hosts) ?? []);
            return 0;
        });
        return command;
    }

    private static Command CreateUi()
    {
        var flags = new CreationFlags(CertificateCreation.DefaultLifetime);
        var hosts = new Argument<string[]>("HOST") { Description = "Every host name and address that browsers reach the HTTPS port by.", Arity = ArgumentArity.ZeroOrMore };
        var command = flags.AddTo(new Command("create-ui", "Create a certificate of its own for the HTTPS port, signed by ca-ui.crt when there is one.") { hosts });
        command.SetAction(result =>
        {
            new CertificateFactory(TimeProvider.System).CreateUi(flags.Read(result), result.GetValue(hosts) ?? []);
            return 0;
        });
        return command;
    }

    private static Command CreateClient()
    {
        var flags = new CreationFlags(CertificateCreation.DefaultLifetime);
        var user = new Argument<string>("USERNAME") { Description = "The SQL user that the certificate proves." };
        var pkcs8 = new Option<bool>("--also-generate-pkcs8-key") { Description = "Also write client.<user>.key.pk8 (DER), for Java." };
        var unchecked_ = new Option<bool>("--disable-username-validation") { Description = "Accept a name that is no valid SQL user name." };
        var command = flags.AddTo(new Command("create-client", "Create a client certificate and key for a SQL user.\n\nExample: chitin cert create-client maxroach --certs-dir=certs --ca-key=my-safe-directory/ca.key") { user, pkcs8, unchecked_ });
        command.SetAction(result =>
        {
            var name = result.GetRequiredValue(user).ToLowerInvariant();
            if (!RoleNames.IsValid(name))
            {
                if (!result.GetValue(unchecked_))
                    throw new CommandException("failed to generate client certificate and key: username is invalid", "user names start with a letter, digit or underscore and hold letters, digits, underscores, dashes and periods; use --disable-username-validation for others");
                Terminal.Note($"warning: the specified identity \"{name}\" is not a valid SQL username. Before it can be used to log in, an identity map rule will need to be set on the server.");
            }

            new CertificateFactory(TimeProvider.System).CreateClient(flags.Read(result) with { AlsoPkcs8 = result.GetValue(pkcs8) }, name);
            return 0;
        });
        return command;
    }

    private static Command List()
    {
        var directory = CertsDirectory();
        var command = new Command("list", "List the certificates of a directory and what is wrong with them.") { directory };
        command.SetAction(result =>
        {
            var path = result.GetRequiredValue(directory);
            if (!Directory.Exists(path))
                throw new CommandException($"the certs directory {path} does not exist", "give --certs-dir, or make it with chitin cert create-ca");
            var set = CertificateDirectory.Read(path);
            foreach (var warning in set.Warnings)
                Terminal.Note("warning: " + warning);
            Terminal.Line($"Certificate directory: {set.Directory}");
            var rows = set.Entries.Select(e => (IReadOnlyList<string?>)
            [
                e.UsageText, e.FileName, e.KeyFileName ?? "", e.Expires?.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture) ?? "", e.Notes, e.Error ?? "",
            ]).ToList();
            ResultWriter.WriteTable(Console.Out, ["Usage", "Certificate File", "Key File", "Expires", "Notes", "Error"], rows, ImmutableHashSet<int>.Empty);
            return 0;
        });
        return command;
    }

    public static Option<string> CertsDirectory() => new("--certs-dir")
    {
        Description = "The certificates' directory (CHITIN_CERTS_DIR).",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CHITIN_CERTS_DIR") is { Length: > 0 } given ? given : ServerOptions.DefaultCertsDirectory,
    };

    /// <summary>The flags that all create-* commands share.</summary>
    private sealed class CreationFlags
    {
        private readonly Option<string> _directory = CertsDirectory();
        private readonly Option<string> _caKey = new("--ca-key") { Description = "The CA's private key; keep it away from the nodes (CHITIN_CA_KEY).", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("CHITIN_CA_KEY") ?? "" };
        private readonly Option<string> _lifetime;
        private readonly Option<int> _keySize = new("--key-size") { Description = "Bits of the RSA key.", DefaultValueFactory = _ => 2048 };
        private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace existing certificate and key files." };
        private readonly TimeSpan _defaultLifetime;

        public CreationFlags(TimeSpan lifetime)
        {
            _defaultLifetime = lifetime;
            _lifetime = new Option<string>("--lifetime") { Description = $"How long the certificate is valid, such as 8760h. Default {lifetime.TotalHours:0}h." };
        }

        public Command AddTo(Command command)
        {
            foreach (var option in (Option[])[_directory, _caKey, _lifetime, _keySize, _overwrite])
                command.Options.Add(option);
            return command;
        }

        public CertificateCreation Read(ParseResult result)
        {
            var lifetime = _defaultLifetime;
            if (result.GetValue(_lifetime) is { } text && (!Durations.TryParse(text, out lifetime) || lifetime <= TimeSpan.Zero))
                throw new CommandException($"--lifetime: \"{text}\" is not a duration of up to 36600 days", "write it as 8760h or 365d");
            if (result.GetRequiredValue(_keySize) is var size and (< 2048 or > 16384))
                throw new CommandException($"--key-size: {size} bits are not between 2048 and 16384");
            return new CertificateCreation
            {
                CertsDirectory = result.GetRequiredValue(_directory),
                CaKey = result.GetRequiredValue(_caKey) is { Length: > 0 } key ? key : throw new CommandException("the path to the CA key is required", "give --ca-key or set CHITIN_CA_KEY"),
                Lifetime = lifetime,
                KeySize = result.GetRequiredValue(_keySize),
                Overwrite = result.GetValue(_overwrite),
            };
        }
    }
}
