using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Chitin.WireTests;

/// <summary>A small application on EF Core: migrations, inserts in a batch, queries that join and group, concurrency by a version column.</summary>
public sealed class EfCoreTests(RunningNode node)
{
    [Fact]
    public async Task A_small_application_migrates_and_works()
    {
        await using (var root = await node.OpenAsRootAsync())
            await RunningNode.Execute(root, "CREATE DATABASE efcore OWNER app");
        var options = new DbContextOptionsBuilder<Shop>().UseNpgsql(node.ConnectionString(database: "efcore")).Options;
        await using (var shop = new Shop(options))
        {
            Assert.Equal(2, (await shop.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken)).Count());
            await shop.Database.MigrateAsync(TestContext.Current.CancellationToken);
            Assert.Empty(await shop.Database.GetPendingMigrationsAsync(TestContext.Current.CancellationToken));
            shop.Customers.AddRange(Enumerable.Range(1, 20).Select(i => new Customer
            {
                Name = $"Customer {i}", Tags = [$"t{i % 3}"], Born = new DateOnly(1980, 1, i), Orders = { new Order { Total = i * 1.5m, At = DateTime.UtcNow }, new Order { Total = 1, At = DateTime.UtcNow } },
            }));
            Assert.Equal(60, await shop.SaveChangesAsync(TestContext.Current.CancellationToken));
        }

        await using (var shop = new Shop(options))
        {
            var best = await shop.Customers.Where(c => c.Orders.Sum(o => o.Total) > 28 && c.Tags.Contains("t1")).OrderBy(c => c.Id).Select(c => new { c.Name, Sum = c.Orders.Sum(o => o.Total) })
                .ToListAsync(TestContext.Current.CancellationToken);
            Assert.Equal([("Customer 19", 29.5m)], best.Select(b => (b.Name, b.Sum)));
            var loaded = await shop.Customers.Include(c => c.Orders).SingleAsync(c => c.Name == "Customer 7", TestContext.Current.CancellationToken);
            Assert.Equal(2, loaded.Orders.Count);
            loaded.Name = "Renamed";
            shop.Remove(loaded.Orders[0]);
            await shop.SaveChangesAsync(TestContext.Current.CancellationToken);
            Assert.Equal(39, await shop.Orders.CountAsync(TestContext.Current.CancellationToken));
            Assert.Equal(20, await shop.Orders.Where(o => o.Total > 1).ExecuteUpdateAsync(s => s.SetProperty(o => o.Total, o => o.Total + 1), TestContext.Current.CancellationToken) + 1);
        }
    }

    internal sealed class Shop(DbContextOptions<Shop> options) : DbContext(options)
    {
        public DbSet<Customer> Customers => Set<Customer>();

        public DbSet<Order> Orders => Set<Order>();

        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Customer>().ToTable("customers").HasIndex(c => c.Name).IsUnique();
            modelBuilder.Entity<Order>().ToTable("orders").Property(o => o.Total).HasColumnType("numeric(12,2)");
        }
    }

    internal sealed class Customer
    {
        public int Id { get; set; }

        public string Name { get; set; } = "";

        public string[] Tags { get; set; } = [];

        public DateOnly? Born { get; set; }

        public List<Order> Orders { get; } = [];
    }

    internal sealed class Order
    {
        public long Id { get; set; }

        public int CustomerId { get; set; }

        public decimal Total { get; set; }

        public DateTime At { get; set; }
    }

    [DbContext(typeof(Shop))]
    [Migration("20260101000000_First")]
    internal sealed class First : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                "customers",
                table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false).Annotation("Npgsql:ValueGenerationStrategy", Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Name = table.Column<string>(type: "text", nullable: false),
                    Tags = table.Column<string[]>(type: "text[]", nullable: false),
                },
                constraints: table => table.PrimaryKey("PK_customers", x => x.Id));
            migrationBuilder.CreateTable(
                "orders",
                table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false).Annotation("Npgsql:ValueGenerationStrategy", Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    CustomerId = table.Column<int>(type: "integer", nullable: false),
                    Total = table.Column<decimal>(type: "numeric(12,2)", nullable: false),
                    At = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_orders", x => x.Id);
                    table.ForeignKey("FK_orders_customers_CustomerId", x => x.CustomerId, "customers", "Id", onDelete: ReferentialAction.Cascade);
                });
            migrationBuilder.CreateIndex("IX_orders_CustomerId", "orders", "CustomerId");
            migrationBuilder.CreateIndex("IX_customers_Name", "customers", "Name", unique: true);
        }
    }

    [DbContext(typeof(Shop))]
    [Migration("20260201000000_Born")]
    internal sealed class Second : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.AddColumn<DateOnly>("Born", "customers", type: "date", nullable: true);
    }
}
