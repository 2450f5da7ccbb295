using System.Buffers;
using System.Text;
using Chitin.Core;
using Chitin.Core.Types;
using Chitin.Sql.Execution.Copy;
using Chitin.Sql.Syntax;
using Xunit;

namespace Chitin.UnitTests.Copy;

public sealed class CopyRoundTripTests
{
    private static readonly ImmutableArray<CopyColumn> s_columns = [new("a", SqlTypes.Int8), new("b", SqlTypes.Text)];

    private static CopyOptions Options(string options, bool isFrom) =>
        CopyOptions.From((CopyStatement)Parser.ParseStatements($"COPY t {(isFrom ? "FROM STDIN" : "TO STDOUT")} {options}")[0]);

    private static byte[] Write(string options, ImmutableArray<CopyColumn> columns, params Datum[][] rows)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = CopyWriter.Create(Options(options, false), columns, FormatSettings.Default);
        writer.WriteHeader(output);
        foreach (var row in rows)
            writer.WriteRow(row, output);
        writer.WriteEnd(output);
        return output.WrittenSpan.ToArray();
    }

    [Theory]
    [InlineData("", "1\t\\\\a\\tb\\nc\\rd\\be\\ff\\vg\n")]
    [InlineData("(delimiter 'X')", "1X\\\\a\\tb\\nc\\rd\\be\\ff\\vg\n")]
    [InlineData("csv", "1,\"\\a\tb\nc\rd\be\ff\vg\"\n")]
    [InlineData("(format csv, force_quote (a))", "\"1\",\"\\a\tb\nc\rd\be\ff\vg\"\n")]
    [InlineData("(format csv, header)", "a,b\n1,\"\\a\tb\nc\rd\be\ff\vg\"\n")]
    public void Values_are_escaped(string options, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Write(options, s_columns, [Datum.FromInt64(1), Datum.FromString("\\a\tb\nc\rd\be\ff\vg")])));

    [Theory]
    [InlineData("", "\\N\t\n")]
    [InlineData("csv", ",\"\"\n")]
    [InlineData("(format csv, force_quote *)", ",\"\"\n")]
    public void Null_differs_from_the_empty_string(string options, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Write(options, s_columns, [Datum.Null, Datum.FromString("")])));

    [Fact]
    public void A_lone_end_marker_is_quoted_in_csv() =>
        Assert.Equal("\"\\.\"\n", Encoding.UTF8.GetString(Write("csv", [s_columns[1]], [Datum.FromString("\\.")])));

    [Fact]
    public void Binary_data_has_signature_and_trailer() => Assert.Equal(
        "5047434F50590AFF0D0A00" + "00000000" + "00000000" + "0002" + "00000008" + "0000000000000001" + "FFFFFFFF" + "FFFF",
        Convert.ToHexString(Write("binary", s_columns, [Datum.FromInt64(1), Datum.Null])));

    [Theory]
    [InlineData("")]
    [InlineData("(delimiter ',', null '')")]
    [InlineData("csv")]
    [InlineData("(format csv, quote '$', escape '!', delimiter ';', null 'nil')")]
    [InlineData("(format csv, force_quote *)")]
    [InlineData("binary")]
    public void What_is_written_is_read_back(string options)
    {
        var random = new Random(17);
        const string Alphabet = "ab,;\t\n\r\\\"$!.N'äß€😀nil\b\v1-";
        var elements = StringInfoElements(Alphabet);
        var rows = Enumerable.Range(0, 500).Select(_ => new[]
        {
            random.Next(5) == 0 ? Datum.Null : Datum.FromInt64(random.NextInt64(long.MinValue, long.MaxValue)),
            random.Next(5) == 0 && options != "(delimiter ',', null '')" ? Datum.Null : Datum.FromString("x" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => elements[random.Next(elements.Length)]))),
        }).ToArray();
        var data = Write(options, s_columns, rows);
        var readOptions = Options(options.Replace(", force_quote *", "", StringComparison.Ordinal), true);
        using var reader = CopyReader.Create(readOptions, "t", s_columns, FormatSettings.Default);
        var row = new Datum[2];
        var count = 0;
        for (var i = 0; i < data.Length;)
        {
            var length = Math.Min(random.Next(1, 200), data.Length - i);
            reader.Feed(data.AsSpan(i, length));
            i += length;
            if (i == data.Length)
                reader.Complete();
            while (reader.TryRead(row))
            {
                for (var column = 0; column < 2; column++)
                {
                    Assert.Equal(rows[count][column].IsNull, row[column].IsNull);
                    Assert.True(row[column].IsNull || s_columns[column].Type.AreEqual(rows[count][column], row[column]), $"row {count}, column {column}");
                }

                count++;
            }
        }

        Assert.Equal(rows.Length, count);
    }

    private static string[] StringInfoElements(string text) => [.. text.EnumerateRunes().Select(r => r.ToString())];

    [Theory]
    [InlineData("00", "COPY file signature not recognized")]
    [InlineData("5047434F50590AFF0D0A0000010000" + "00000000", "invalid COPY file header (WITH OIDS)")]
    [InlineData("5047434F50590AFF0D0A0000000000" + "00000000" + "0003", "row field count is 3, expected 2")]
    [InlineData("5047434F50590AFF0D0A0000000000" + "00000000" + "0002" + "FFFFFFFE", "invalid field size")]
    [InlineData("5047434F50590AFF0D0A0000000000" + "00000000" + "0002" + "00000008" + "00", "unexpected EOF in COPY data")]
    [InlineData("5047434F50590AFF0D0A0000000000" + "00000000" + "FFFF" + "00", "received copy data after EOF marker")]
    public void Bad_binary_data_is_refused(string hex, string message)
    {
        foreach (var chunk in new[] { 1, 1000 })
        {
            var data = Convert.FromHexString(hex);
            using var reader = CopyReader.Create(Options("binary", true), "t", s_columns, FormatSettings.Default);
            var row = new Datum[2];
            var error = Assert.Throws<SqlException>(() =>
            {
                for (var i = 0; i < data.Length; i += chunk)
                {
                    reader.Feed(data.AsSpan(i, Math.Min(chunk, data.Length - i)));
                    while (reader.TryRead(row))
                    {
                    }
                }

                reader.Complete();
                while (reader.TryRead(row))
                {
                }
            });
            Assert.Equal(("22P04", message), (error.State.Code, error.Message));
        }
    }
}
