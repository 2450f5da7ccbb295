using System.Text;
using Chitin.FuzzTargets;
using Xunit;

namespace Chitin.UnitTests.Syntax;

/// <summary>The fuzz targets on some thousand mutated seeds each: enough to see gross faults, not a replacement for a fuzzing run.</summary>
public sealed class FuzzSmokeTests
{
    private const int Texts = 5000;

    [Fact]
    public void The_parser_accepts_or_refuses_any_text() => Fuzz(SqlParserTarget.Run, [.. Corpus.Statements.Select(Encoding.UTF8.GetBytes)]);

    [Fact]
    public void The_scan_finds_the_constants_that_the_lexer_finds() => Fuzz(StatementScanTarget.Run,
    [
        .. Corpus.Statements.Select(Encoding.UTF8.GetBytes),
        "update t set a = a + -12, \"B\" = 'it''s' where id=7 and x in (1.5, 'zwölf', 9999999999);"u8.ToArray(),
        "insert into s.t (a, b) values (1, 'x'), (2, '') returning a::text, b[1]"u8.ToArray(),
        "select t.a1 from t where a = 2147483648 or b = '1'  -1"u8.ToArray(),
    ]);

    [Fact]
    public void Copy_data_is_read_alike_in_chunks_of_any_size() => Fuzz(CopyReaderTarget.Run,
    [
        "\u0000\u00031\tx\tt\n2\t\\N\tf\n3\ta\\\\b\\x41\\n\\.c\ttrue\n\\.\n"u8.ToArray(),
        "\u0001\u00021,\"a\nb\"\"c\",t\r\n2,,f\r\n"u8.ToArray(),
        "\u0041\u0002a,b,c\n1,x,t\n\"2\",\"\",\n"u8.ToArray(),
        [2, 1, .. Convert.FromHexString("5047434F50590AFF0D0A0000000000000000000003000000040000000100000001780000000101FFFF")],
    ]);

    private static void Fuzz(Target target, byte[][] seeds)
    {
        // The same texts each time, so that a red run is a change's fault; CHITIN_FUZZ_SEED=0 looks for new ones.
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CHITIN_FUZZ_SEED"), out var given) ? (given == 0 ? Environment.TickCount : given) : 20261124;
        var random = new Random(seed);
        foreach (var data in seeds)
            target(data);
        for (var i = 0; i < Texts; i++)
        {
            var data = Mutate(seeds, random);
            try
            {
                target(data);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"random seed {seed}, data (base 64): {Convert.ToBase64String(data)}\n{Encoding.UTF8.GetString(data)}\n{error.Message}", error);
            }
        }
    }

    private static byte[] Mutate(byte[][] seeds, Random random)
    {
        var data = seeds[random.Next(seeds.Length)].ToList();
        for (var changes = random.Next(1, 6); changes > 0 && data.Count > 0; changes--)
        {
            var at = random.Next(data.Count);
            switch (random.Next(6))
            {
                case 0:
                    data[at] = (byte)random.Next(256);
                    break;
                case 1:
                    data.RemoveRange(at, Math.Min(random.Next(1, 9), data.Count - at));
                    break;
                case 2:
                    data.InsertRange(at, data.GetRange(at, Math.Min(random.Next(1, 40), data.Count - at)));
                    break;
                case 3:
                    var other = seeds[random.Next(seeds.Length)];
                    var from = random.Next(other.Length);
                    data.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 40), other.Length - from)).ToArray());
                    break;
                case 4:
                    const string Signs = "()[]'\"$.,;:+-*/<>=~!@#%^&|`?\\ \n\t1eEUNB_";
                    data.Insert(at, (byte)Signs[random.Next(Signs.Length)]);
                    break;
                default:
                    (data[at], data[random.Next(data.Count)]) = (data[random.Next(data.Count)], data[at]);
                    break;
            }
        }

        return [.. data];
    }
}
