from ninja import NinjaAPI
api = NinjaAPI(title="Voronka", version="1")
